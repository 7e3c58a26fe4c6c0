import Glibc
import NIOCore
import TestSupport
import Testing

@testable import Sound

@Suite("Echo cancellation")
struct EchoCancellerTests {
  /// A room whose impulse response is of 100 ms, and who speaks at both ends.
  private struct Room {
    private var generator = SeededGenerator(seed: 5)
    /// The reflections: by how many samples they are late, and how strong they are.
    private var response: [(delay: Int, factor: Float)] = [(240, 0.6)]
    private var past = [Float](repeating: 0, count: 4_800)
    private var position = 0
    private var filtered: Float = 0

    init() {
      for delay in stride(from: 400, to: 4_800, by: 180) {
        let age = Float(delay) / 48_000
        response.append((delay, exp(-age * 40) * Float.random(in: -0.5...0.5, using: &generator)))
      }
    }

    /// Speech-like noise, which comes and goes.
    mutating func speech(_ time: Double, pause: Double) -> Float {
      let noise = Float.random(in: -1...1, using: &generator)
      filtered += 0.2 * (noise - filtered)
      let envelope = Float(0.5 - 0.5 * cos(2 * .pi * 3 * time + pause))
      return filtered * envelope
    }

    mutating func echo(of sample: Float) -> Float {
      past[position] = sample
      var sum: Float = 0
      for (delay, factor) in response { sum += factor * past[(position + past.count - delay) % past.count] }
      position = (position + 1) % past.count
      return sum
    }
  }

  /// Plays for so many blocks, and returns what is sent to the viewer, and what the microphone heard.
  private static func run(
    _ blocks: Int, _ room: inout Room, _ canceller: inout EchoCanceller, from first: Int, isPlaying: Bool = true,
    near: (Double) -> Float
  ) -> (sent: [Float], captured: [Float], near: [Float]) {
    var result: (sent: [Float], captured: [Float], near: [Float]) = ([], [], [])
    for block in first..<first + blocks {
      var (played, captured) = ([Float](), [Float]())
      for index in 0..<SoundBlock.samples {
        let time = Double(block * SoundBlock.samples + index) / 48_000
        let sample = isPlaying ? room.speech(time, pause: 0) : 0
        played.append(sample)
        let own = near(time)
        result.near.append(own)
        captured.append(own + room.echo(of: sample))
      }
      result.captured += captured
      captured.withUnsafeMutableBufferPointer { captured in
        played.withUnsafeBufferPointer { canceller.process(captured, played: $0) }
      }
      result.sent += captured
    }
    return result
  }

  private static func level(_ samples: some Collection<Float>) -> Double {
    let energy = samples.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(samples.count)
    return 10 * log10(max(energy, 1e-12))
  }

  @Test("after 3 s the echo is weaker by 20 dB, and before by ducking")
  func converges() throws {
    var room = Room()
    var canceller = EchoCanceller()
    let start = Self.run(25, &room, &canceller, from: 0) { _ in 0 }
    #expect(Self.level(start.captured[9_600...]) - Self.level(start.sent[9_600...]) > 20)
    _ = Self.run(125, &room, &canceller, from: 25) { _ in 0 }
    let isConverged = canceller.isConverged
    #expect(isConverged)
    let later = Self.run(100, &room, &canceller, from: 150) { _ in 0 }
    let enhancement = Self.level(later.captured) - Self.level(later.sent)
    #expect(enhancement > 20, "\(enhancement)")
    let told = canceller.echoReturnLossEnhancement
    #expect(abs(try #require(told) - enhancement) < 6)
  }

  @Test("who speaks in the room is heard as loud as before, also while the loudspeaker plays")
  func doubleTalk() {
    var room = Room()
    var canceller = EchoCanceller()
    _ = Self.run(200, &room, &canceller, from: 0) { _ in 0 }
    let near = Near()
    let both = Self.run(100, &room, &canceller, from: 200) { near.sample($0) }
    let change = Self.level(both.sent[48_000...]) - Self.level(both.near[48_000...])
    #expect(abs(change) < 3, "\(change)")
  }

  @Test("in a room without any echo, who speaks is not weakened for longer than 5 s")
  func noEcho() {
    var room = Room()
    var canceller = EchoCanceller()
    let near = Near()
    var sent: [Float] = []
    var own: [Float] = []
    for block in 0..<500 {
      let time = Double(block * SoundBlock.samples) / 48_000
      let played = (0..<SoundBlock.samples).map { room.speech(time + Double($0) / 48_000, pause: 0) }
      var captured = (0..<SoundBlock.samples).map { near.sample(time + Double($0) / 48_000) }
      if block >= 450 { own += captured }
      captured.withUnsafeMutableBufferPointer { captured in
        played.withUnsafeBufferPointer { canceller.process(captured, played: $0) }
      }
      if block >= 450 { sent += captured }
    }
    let change = Self.level(sent) - Self.level(own)
    #expect(abs(change) < 3, "\(change)")
  }

  @Test("an echo that is too late for the filter stays weak for as long as the loudspeaker plays")
  func lateEcho() {
    var room = Room()
    var canceller = EchoCanceller()
    let delay = 48_000 / 4
    var past = [Float](repeating: 0, count: delay)
    var (echoes, sent): ([Float], [Float]) = ([], [])
    for block in 0..<1_000 {
      let played = (0..<SoundBlock.samples).map {
        room.speech(Double(block * SoundBlock.samples + $0) / 48_000, pause: 0)
      }
      past += played.map { $0 * 0.6 }
      var captured = Array(past.prefix(SoundBlock.samples))
      past.removeFirst(SoundBlock.samples)
      if block >= 500 { echoes += captured }
      captured.withUnsafeMutableBufferPointer { captured in
        played.withUnsafeBufferPointer { canceller.process(captured, played: $0) }
      }
      if block >= 500 { sent += captured }
    }
    let enhancement = Self.level(echoes) - Self.level(sent)
    #expect(enhancement > 20, "\(enhancement)")
  }

  private struct Near {
    /// The harmonics of 240 Hz.
    func sample(_ time: Double) -> Float {
      var sum = 0.0
      for number in 1...5 { sum += sin(2 * .pi * 240 * Double(number) * time + Double(number * number)) / 5 }
      return Float(sum * 0.5 * (0.6 - 0.4 * cos(2 * .pi * 2 * time)))
    }
  }

  @Test("while nothing is played the sound is left as it is")
  func idle() {
    var canceller = EchoCanceller()
    let silence = [Float](repeating: 0, count: SoundBlock.samples)
    var sent: [Float] = []
    let voice = Signal.voice(blocks: 100)
    for start in stride(from: 0, to: voice.count, by: SoundBlock.samples) {
      var block = Array(voice[start..<start + SoundBlock.samples])
      block.withUnsafeMutableBufferPointer { block in
        silence.withUnsafeBufferPointer { canceller.process(block, played: $0) }
      }
      sent += block
    }
    #expect(zip(sent.dropFirst(480), voice).allSatisfy { abs($0 - $1) < 0.000_1 })
  }

  @Test("after a pause the echo is as weak as before, from the first block on")
  func pause() {
    var room = Room()
    var canceller = EchoCanceller()
    let before = Self.run(250, &room, &canceller, from: 0) { _ in 0 }
    let enhancement = Self.level(before.captured.suffix(96_000)) - Self.level(before.sent.suffix(96_000))
    let end = Self.run(5, &room, &canceller, from: 250, isPlaying: false) { _ in 0 }
    let left = Self.level(end.captured) - Self.level(end.sent)
    #expect(left > 8, "the end of the echo: \(left)")
    _ = Self.run(200, &room, &canceller, from: 255, isPlaying: false) { Near().sample($0) }
    let after = Self.run(25, &room, &canceller, from: 455) { _ in 0 }
    // The first 10 ms are the end of the pause, in which somebody speaks.
    let again = Self.level(after.captured[960..<9_600]) - Self.level(after.sent[960..<9_600])
    #expect(again > enhancement - 6, "\(again) of \(enhancement)")
  }

  @Test("where the loudspeaker begins and ends, who speaks is heard without a click, with the same delay")
  func transitions() {
    var room = Room()
    var canceller = EchoCanceller()
    // A tone, and the constant offset that many microphones have.
    func captured(_ index: Int) -> Float { Float(0.1 + 0.3 * sin(2 * .pi * 541 * Double(index) / 48_000)) }
    var sent: [Float] = []
    for block in 0..<600 {
      let isPlaying = block < 400 || (500..<550).contains(block)
      let played = (0..<SoundBlock.samples).map { index in
        isPlaying ? room.speech(Double(block * SoundBlock.samples + index) / 48_000, pause: 0) * 0.2 : 0
      }
      var block = (0..<SoundBlock.samples).map { captured(block * SoundBlock.samples + $0) }
      block.withUnsafeMutableBufferPointer { block in
        played.withUnsafeBufferPointer { canceller.process(block, played: $0) }
      }
      sent += block
    }
    for (start, end) in [(410, 430), (495, 505), (555, 575)] {
      let range = start * SoundBlock.samples..<end * SoundBlock.samples
      // The tone itself makes 0.0015 of it.
      let sharpest = range.map { abs(sent[$0 + 1] - 2 * sent[$0] + sent[$0 - 1]) }.max() ?? 0
      #expect(sharpest < 0.005, "\(sharpest) from block \(start) on")
    }
    let idle = 480 * SoundBlock.samples..<490 * SoundBlock.samples
    #expect(idle.allSatisfy { abs(sent[$0] - captured($0 - 480)) < 0.000_1 })
  }
}
