import NIOCore
import TestSupport
import Testing

@testable import Sound

@Suite("Mixing those who speak")
struct MixerTests {
  private static let start = NIODeadline.uptimeNanoseconds(10_000_000_000)

  private static func time(_ block: Int) -> NIODeadline { start + .milliseconds(Int64(block) * 20) }

  private static func packets(_ frequency: Double, amplitude: Double, blocks: Int) throws -> [ByteBuffer] {
    var encoder = try OpusEncoder(.init(channels: 1, bitrate: 24_000, content: .voice))
    encoder.setPacketLoss(0.1)
    return try Signal.encode(Signal.tone([frequency], amplitude: amplitude, blocks: blocks), with: &encoder)
  }

  /// Plays packets that arrive every 20 ms, except those that `isLost`.
  private static func play(
    _ voices: [[ByteBuffer]], with mixer: Mixer, from first: Int = 0, isLost: (Int) -> Bool = { _ in false },
    before: (Int) -> Void = { _ in }
  ) -> [[Float]] {
    (0..<voices[0].count).map { index in
      for (speaker, packets) in voices.enumerated() where !isLost(index) {
        mixer.receive(
          ReceivedSound(
            generation: 1, sequenceNumber: first + index, timestamp: (first + index) * 960, data: packets[index],
            arrivalTime: time(first + index)), from: speaker)
      }
      before(index)
      return Signal.filled(channels: 1) { _ = mixer.render(into: $0, now: time(first + index)) }
    }
  }

  @Test("a voice is heard 40 ms later, as loud as it was, and without gaps although packets get lost")
  func voice() throws {
    let played = Self.play(
      [try Self.packets(440, amplitude: 0.25, blocks: 100)], with: Mixer(hasChime: false), isLost: { $0 % 17 == 11 })
    #expect(played[0].allSatisfy { $0 == 0 } && played[1].allSatisfy { $0 == 0 })
    for block in played[8...] { #expect(block.contains { abs($0) > 0.05 }) }
    let whole = played[20..<27].flatMap { $0 }
    #expect(abs(SineFit(whole, frequency: 440).amplitude - 0.25) < 0.05)
  }

  @Test("what a packet tells of the lost one before it (FEC) is heard in its place")
  func recovery() throws {
    /// The ratio of what is heard to what losses change of it.
    func signalToNoise(encodedForLoss loss: Double) throws -> Float {
      var encoder = try OpusEncoder(.init(channels: 1, bitrate: 32_000, content: .voice))
      encoder.setPacketLoss(loss)
      // At which libopus takes it for speech.
      encoder.setComplexity(5)
      let packets = try Signal.encode(Signal.voice(blocks: 200), with: &encoder)
      let whole = Self.play([packets], with: Mixer(hasChime: false)).joined()
      let heard = Self.play([packets], with: Mixer(hasChime: false), isLost: { $0 % 7 == 5 }).joined()
      let noise = zip(heard, whole).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      return whole.reduce(0) { $0 + $1 * $1 } / noise
    }
    // Without FEC all is concealed.
    #expect(try signalToNoise(encodedForLoss: 0.1) > 3 * signalToNoise(encodedForLoss: 0))
  }

  @Test("what is made up for lost packets is counted, and how loud the voice is")
  func counters() throws {
    let mixer = Mixer(hasChime: false)
    #expect(mixer.counters(of: 0) == nil)
    _ = Self.play([try Self.packets(440, amplitude: 0.25, blocks: 100)], with: mixer, isLost: { $0 % 20 == 11 })
    let counters = try #require(mixer.counters(of: 0))
    #expect(counters.concealmentEvents == 5 && counters.concealedSamples == 5 * SoundBlock.samples)
    // All but the first two blocks.
    #expect(counters.totalSamplesReceived == 98 * SoundBlock.samples)
    #expect(abs(counters.audioLevel - 0.177) < 0.02)
    // Each is held for the least delay, 40 ms.
    let emitted = 93 * SoundBlock.samples
    #expect(counters.jitterBufferEmittedCount == emitted)
    #expect(abs(counters.jitterBufferDelay - 0.04 * Double(emitted)) < 1e-6)
    #expect(counters.insertedSamplesForDeceleration == 0 && counters.removedSamplesForAcceleration == 0)
    mixer.receive(
      ReceivedSound(
        generation: 1, sequenceNumber: 11, timestamp: 11 * 960, data: ByteBuffer(string: "late"),
        arrivalTime: Self.time(100)), from: 0)
    #expect(mixer.counters(of: 0)?.packetsDiscarded == 1)
    mixer.remove(0)
    #expect(mixer.counters(of: 0) == nil)
  }

  @Test("blocks that are made up to lengthen the delay, and those left out to shorten it, are counted")
  func delayChanges() throws {
    let mixer = Mixer(hasChime: false)
    let packets = try Self.packets(440, amplitude: 0, blocks: 900)
    // Each tenth packet of the first 300 is late, which makes the delay 120 ms.
    func arrival(_ number: Int) -> NIODeadline {
      Self.time(number) + .milliseconds(number < 300 && number % 10 == 9 ? 100 : 0)
    }
    var waiting = Array(0..<900)[...]
    var blocks = 0
    var isBalanced = true
    var counters: [PlayoutCounters] = []
    for step in 0..<900 {
      while let number = waiting.first(where: { arrival($0) <= Self.time(step) && $0 <= step }) {
        waiting.removeAll { $0 == number }
        mixer.receive(
          ReceivedSound(
            generation: 1, sequenceNumber: number, timestamp: number * 960, data: packets[number],
            arrivalTime: arrival(number)), from: 0)
      }
      _ = Signal.filled(channels: 1) { if mixer.render(into: $0, now: Self.time(step)) { blocks += 1 } }
      counters.append(try #require(mixer.counters(of: 0)))
      let last = counters[step]
      // Every block that is heard was received or made up.
      let received = last.totalSamplesReceived
      let made = last.insertedSamplesForDeceleration - last.removedSamplesForAcceleration
      isBalanced = isBalanced && blocks * SoundBlock.samples == received + made
    }
    #expect(isBalanced)
    #expect(counters[299].insertedSamplesForDeceleration >= SoundBlock.samples)
    #expect(counters[299].removedSamplesForAcceleration == 0)
    let last = counters[899]
    #expect(last.insertedSamplesForDeceleration == counters[299].insertedSamplesForDeceleration)
    #expect(last.removedSamplesForAcceleration >= SoundBlock.samples)
  }

  @Test("what is no Opus is made up for, and whoever sends it is heard again")
  func noOpus() throws {
    let mixer = Mixer(hasChime: false)
    var generator = SeededGenerator(seed: 4)
    let junk = (0..<200).map { index in
      ByteBuffer(bytes: (0..<(index % 90 + 1)).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }
    let noise = Self.play([junk], with: mixer)
    #expect(noise.joined().allSatisfy { (-1...1).contains($0) })
    let voice = Self.play([try Self.packets(440, amplitude: 0.25, blocks: 150)], with: mixer, from: 200)
    let heard = voice[60..<140].flatMap { $0 }
    #expect(abs(SineFit(heard.suffix(9_600), frequency: 440).amplitude - 0.25) < 0.05)
  }

  @Test("several are heard at a time, and too much of them is limited")
  func several() throws {
    let mixer = Mixer(hasChime: false)
    let quiet = try [440.0, 1_000].map { try Self.packets($0, amplitude: 0.2, blocks: 50) }
    let sum = Self.play(quiet, with: mixer)[20..<45].flatMap { $0 }
    #expect(abs(SineFit(sum, frequency: 440).amplitude - 0.2) < 0.03)
    #expect(abs(SineFit(sum, frequency: 1_000).amplitude - 0.2) < 0.03)
    let loud = try (0..<3).map { _ in try Self.packets(440, amplitude: 0.9, blocks: 50) }
    let limited = Self.play(loud, with: Mixer(hasChime: false))[20..<45].flatMap { $0 }
    #expect(limited.max() == 1 && limited.min() == -1)
  }

  @Test("a chime comes before the first voice, which is not heard until the chime is over")
  func chime() throws {
    let mixer = Mixer(hasChime: true)
    let played = Self.play([try Self.packets(2_000, amplitude: 0.25, blocks: 100)], with: mixer)
    let during = played[2..<2 + Chime.blockCount].flatMap { $0 }
    #expect(during.contains { abs($0) > 0.1 })
    #expect(SineFit(during, frequency: 2_000).amplitude < 0.005)
    let after = played[(4 + Chime.blockCount)...].flatMap { $0 }
    #expect(abs(SineFit(after, frequency: 2_000).amplitude - 0.25) < 0.05)
  }

  @Test("silence sets off no chime, and who is silent during another's is told of by one of their own")
  func silentVoice() throws {
    let mixer = Mixer(hasChime: true)
    let silence = try Self.packets(440, amplitude: 0, blocks: 100)
    #expect(Self.play([silence], with: mixer).joined().allSatisfy { $0 == 0 })
    let own = try silence + Self.packets(2_000, amplitude: 0.25, blocks: 100)
    let played = Self.play([own, try Self.packets(1_500, amplitude: 0.25, blocks: 200)], with: mixer, from: 100)
    let alone = played[60..<100].flatMap { $0 }
    #expect(abs(SineFit(alone.suffix(9_600), frequency: 1_500).amplitude - 0.25) < 0.05)
    let chime = played[105..<105 + Chime.blockCount - 10].flatMap { $0 }
    #expect(SineFit(chime.prefix(4_800), frequency: 659.26).amplitude > 0.05)
    #expect(SineFit(chime, frequency: 2_000).amplitude < 0.005)
    let after = played[160...].flatMap { $0 }
    #expect(abs(SineFit(after, frequency: 2_000).amplitude - 0.25) < 0.05)
  }

  @Test(
    "a chime that was not heard to its end announces nobody, and begins anew", arguments: [20, 1 + Chime.blockCount])
  func chimeLost(block: Int) throws {
    let mixer = Mixer(hasChime: true)
    let packets = try Self.packets(2_000, amplitude: 0.25, blocks: 160)
    // Blocks 2 to 46 are the chime's.
    let played = Self.play([packets], with: mixer, before: { if $0 == block + 1 { mixer.blockLost() } })
    let again = played[(block + 1)..<(block + 1 + Chime.blockCount)].flatMap { $0 }
    #expect(again.prefix(SoundBlock.samples * 5).contains { abs($0) > 0.1 })
    #expect(SineFit(again, frequency: 2_000).amplitude < 0.005)
    let after = played[(block + 4 + Chime.blockCount)...].flatMap { $0 }
    #expect(abs(SineFit(after, frequency: 2_000).amplitude - 0.25) < 0.05)
  }

  @Test("with a volume of 0, or muted, during the chime nobody is announced", arguments: [false, true])
  func chimeUnheard(isMuted: Bool) throws {
    let mixer = Mixer(hasChime: true)
    let packets = try Self.packets(2_000, amplitude: 0.25, blocks: 160)
    let played = Self.play(
      [packets], with: mixer,
      before: { block in
        let isSilent = (10..<60).contains(block)
        mixer.isMuted = isMuted && isSilent
        mixer.gain = isSilent && !isMuted ? 0 : 1
      })
    #expect(played[10..<60].joined().allSatisfy { $0 == 0 })
    let chime = played[60..<60 + Chime.blockCount].flatMap { $0 }
    #expect(chime.contains { abs($0) > 0.1 })
    #expect(SineFit(chime, frequency: 2_000).amplitude < 0.005)
  }

  @Test("muted nothing is heard, and neither is it later; the volume changes the level")
  func muted() throws {
    let mixer = Mixer(hasChime: false)
    let packets = try Self.packets(440, amplitude: 0.4, blocks: 150)
    mixer.isMuted = true
    #expect(Self.play([Array(packets[..<50])], with: mixer).joined().allSatisfy { $0 == 0 })
    mixer.isMuted = false
    mixer.gain = 0.5
    let half = Self.play([Array(packets[50...])], with: mixer, from: 50)[10..<90].flatMap { $0 }
    #expect(abs(SineFit(half, frequency: 440).amplitude - 0.2) < 0.03)
  }

  @Test("whatever somebody sends, no block is louder than full scale, and it does not matter to the next who speaks")
  func anything() throws {
    let mixer = Mixer(hasChime: false)
    var generator = SeededGenerator(seed: 3)
    var number = 0
    var isLimited = true
    for block in 0..<1_000 {
      for _ in 0..<Int.random(in: 0...4, using: &generator) {
        number += [1, 1, 1, 5, 200].randomElement(using: &generator)!
        // Each first byte is the beginning of a packet (RFC 6716 section 3.1).
        let data = (0..<Int.random(in: 1...200, using: &generator)).map { _ in
          UInt8.random(in: 0...255, using: &generator)
        }
        mixer.receive(
          ReceivedSound(
            generation: block / 300, sequenceNumber: number,
            timestamp: Bool.random(using: &generator) ? number * 960 : .random(in: .min ... .max, using: &generator),
            data: ByteBuffer(bytes: data), arrivalTime: Self.time(block)), from: 1)
      }
      let played = Signal.filled(channels: 1) { _ = mixer.render(into: $0, now: Self.time(block)) }
      isLimited = isLimited && played.allSatisfy { abs($0) <= 1 }
    }
    #expect(isLimited)
    mixer.remove(1)
    let after = Self.play([try Self.packets(440, amplitude: 0.25, blocks: 50)], with: mixer, from: 1_000)
    #expect(abs(SineFit(after[20..<30].flatMap { $0 }, frequency: 440).amplitude - 0.25) < 0.05)
  }

  @Test("whoever has left is not heard any more")
  func leaving() throws {
    let mixer = Mixer(hasChime: false)
    _ = Self.play([try Self.packets(440, amplitude: 0.4, blocks: 20)], with: mixer)
    mixer.remove(0)
    let rest = Signal.filled(channels: 1) { #expect(!mixer.render(into: $0, now: Self.time(20))) }
    #expect(rest.allSatisfy { $0 == 0 })
  }
}
