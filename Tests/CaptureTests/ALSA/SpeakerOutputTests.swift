import Foundation
import Glibc
import NIOCore
import Sound
import TestSupport
import Testing

@testable import Capture

@Suite("Loudspeakers") struct SpeakerOutputTests {
  private typealias Formats = MicrophoneStandIn.Description.Formats

  /// A card that plays, and the file with what is heard of it.
  private final class Card {
    let microphone: TestMicrophone
    private let file: URL

    init(_ change: @escaping (inout MicrophoneStandIn.Description) -> Void = { _ in }) throws {
      let file = FileManager.default.temporaryDirectory.appending(path: "jinglecam-\(UUID().uuidString)")
      self.file = file
      microphone = try TestMicrophone {
        $0.played = file.path
        change(&$0)
      }
    }

    deinit {
      try? FileManager.default.removeItem(at: file)
    }

    func open() throws(SpeakerError) -> SpeakerOutput {
      try SpeakerOutput(microphone.standIn.id, in: microphone.directory, microphone.clock)
    }

    var failure: SpeakerError? {
      do throws(SpeakerError) {
        _ = try open()
        return nil
      } catch {
        return error
      }
    }

    /// Plays a tone for so many blocks, one each 20 ms; what `before` is told of a block, in what it says it is heard.
    @discardableResult
    func play(
      _ blocks: Int, on output: SpeakerOutput, frequency: Double = 500, before: (Int) -> Void = { _ in }
    ) -> [CardSpan?] {
      var due = microphone.clock.now()
      return (0..<blocks).map { block in
        before(block)
        let samples = (0..<960).map { index in
          Float(0.5 * sin(2 * .pi * frequency * Double(block * 960 + index) / 48_000))
        }
        let span = samples.withUnsafeBufferPointer { output.play($0) }
        due = due + .milliseconds(20)
        microphone.clock.sleep(due)
        return span
      }
    }

    /// What was heard in a channel.
    func heard(_ format: Formats, channels: Int, channel: Int = 0) throws -> [Float] {
      let data = try Data(contentsOf: file)
      let width = format == .s16 ? 2 : format == .s24Packed ? 3 : 4
      return stride(from: channel * width, to: data.count, by: width * channels).map { start in
        var value: UInt32 = 0
        for byte in 0..<width { value |= UInt32(data[start + byte]) << UInt32(8 * byte) }
        switch format {
        case .s16: return Float(Int16(truncatingIfNeeded: value)) / 0x8000
        case .s24Packed, .s24: return Float(Int32(bitPattern: value << 8)) / 0x8000_0000
        case .s32: return Float(Int32(bitPattern: value)) / 0x8000_0000
        default: return Float(bitPattern: value)
        }
      }
    }
  }

  @Test(
    "a tone is heard in each sample format, in one channel and in two",
    arguments: [Formats.s16, .s24Packed, .s24, .s32, .float] as [MicrophoneStandIn.Description.Formats],
    [1, 2] as [UInt32])
  func formats(_ format: MicrophoneStandIn.Description.Formats, _ channels: UInt32) throws {
    let card = try Card {
      $0.formats = [.u8, format]
      $0.channels = channels...channels
    }
    let output = try card.open()
    card.play(100, on: output)
    #expect(output.counters == SpeakerCounters())
    for channel in 0..<Int(channels) {
      let heard = try card.heard(format, channels: Int(channels), channel: channel)
      let fit = SineFit(heard.dropFirst(4_000).prefix(40_000), frequency: 500)
      #expect(abs(fit.amplitude - 0.5) < 0.005)
      #expect(fit.signalToNoise > 30)
    }
  }

  @Test(
    "whatever the card's rate and channels are, the tone is the same, and further channels are silent",
    arguments: [(8_000, 1), (16_000, 4), (44_100, 2), (96_000, 8)] as [(UInt32, UInt32)])
  func modes(_ rate: UInt32, _ channels: UInt32) throws {
    let card = try Card {
      $0.rates = .list([rate])
      $0.channels = channels...channels
      $0.leastPeriod = 8
    }
    let output = try card.open()
    card.play(200, on: output)
    let first = try card.heard(.s16, channels: Int(channels))
    let fit = SineFit(first.suffix(Int(rate) / 4), frequency: 500, sampleRate: Int(rate))
    #expect(abs(fit.amplitude - 0.5) < 0.01)
    for channel in 2..<max(2, Int(channels)) {
      #expect(try card.heard(.s16, channels: Int(channels), channel: channel).allSatisfy { $0 == 0 })
    }
  }

  @Test("what is said to be heard at a time is heard then, also by a clock that is wrong", arguments: [-300.0, 0, 300])
  func times(_ drift: Double) throws {
    let card = try Card { $0.drift = drift }
    let output = try card.open()
    let start = card.microphone.clock.now()
    let times = card.play(3_000, on: output).map { $0?.time }
    #expect(output.counters == SpeakerCounters())
    for (block, time) in times.enumerated().dropFirst() {
      let delay = try #require(time) - (start + .milliseconds(Int64(block) * 20))
      #expect((.milliseconds(36)...(.milliseconds(46))).contains(delay))
    }
    #expect(abs(output.drift - drift) < 100)
    let playout = output.playout
    #expect(playout.totalSamplesCount == 3_000 * 960)
    let delays = try zip(times, 0...).map { (try #require($0) - start).nanoseconds - Int64($1) * 20_000_000 }
    let mean = Double(delays.reduce(0, +)) / Double(delays.count) / 1e9
    #expect(abs(playout.totalPlayoutDelay / Double(playout.totalSamplesCount) - mean) < 0.001)
  }

  @Test("an underrun is counted, and the sound goes on")
  func underrun() throws {
    let card = try Card()
    let output = try card.open()
    card.play(50, on: output)
    card.microphone.clock.sleep(card.microphone.clock.now() + .milliseconds(300))
    let times = card.play(50, on: output)
    #expect(output.counters == SpeakerCounters(underruns: 1))
    #expect(times.dropFirst().allSatisfy { $0 != nil })
    let heard = try card.heard(.s16, channels: 2)
    #expect(abs(SineFit(heard.suffix(20_000), frequency: 500).amplitude - 0.5) < 0.005)
  }

  @Test("while the card is unplugged nothing is played and its trouble is told, and it is found again")
  func unplugged() throws {
    let card = try Card()
    let output = try card.open()
    card.play(50, on: output)
    card.microphone.standIn.unplug()
    #expect(card.play(50, on: output).allSatisfy { $0 == nil })
    #expect(output.counters.losses == 1 && output.counters.blocksDropped == 50)
    #expect(output.trouble?.description.contains("is lost") == true)
    card.microphone.standIn.replug()
    #expect(card.play(250, on: output).last != .some(nil))
    #expect(output.trouble == nil)
  }

  @Test(
    "a card that hangs is given up after a second, and opened less and less often until it plays again",
    arguments: [0, 720])
  func hanging(takenAhead: Int32) throws {
    let card = try Card()
    card.microphone.standIn.set(.takenAhead, takenAhead)
    let output = try card.open()
    card.play(50, on: output)
    card.microphone.standIn.set(.stalled)
    let times = card.play(60, on: output)
    #expect(times.dropFirst(5).allSatisfy { $0 == nil })
    let lost = SpeakerError.lost(
      card: card.microphone.standIn.id, reason: "it is connected, but plays nothing")
    #expect(output.trouble == lost && output.counters.losses == 1)
    #expect(output.counters.blocksDropped >= 50)
    var troubles: [SpeakerError?] = []
    card.play(1_000, on: output) { _ in troubles.append(output.trouble) }
    #expect(troubles.allSatisfy { $0 == lost })
    #expect((3...9).contains(output.counters.losses))
    card.microphone.standIn.set(.stalled, 0)
    #expect(card.play(300, on: output).last != .some(nil))
    #expect(output.trouble == nil)
  }

  @Test("a card that fails with each block is opened less and less often until it plays again")
  func failing() throws {
    let card = try Card()
    let output = try card.open()
    card.play(50, on: output)
    card.microphone.standIn.set(.readError, EIO)
    let lost = SpeakerError.lost(card: card.microphone.standIn.id, reason: "Input/output error")
    var troubles: [SpeakerError?] = []
    let times = card.play(1_000, on: output) { _ in troubles.append(output.trouble) }
    #expect(times.allSatisfy { $0 == nil } && troubles.dropFirst().allSatisfy { $0 == lost })
    #expect((5...9).contains(output.counters.losses), "\(output.counters.losses)")
    #expect(output.counters.blocksDropped == 1_000)
    card.microphone.standIn.set(.readError, 0)
    #expect(card.play(250, on: output).last != .some(nil))
    #expect(output.trouble == nil)
  }

  @Test("a block that a suspended card does not take is not said to be heard, and the sound goes on")
  func suspended() throws {
    let card = try Card()
    let output = try card.open()
    card.play(50, on: output)
    card.microphone.standIn.set(.suspended)
    let times = card.play(50, on: output)
    #expect(times[0] == nil && times.dropFirst().allSatisfy { $0 != nil })
    #expect(output.counters.blocksDropped == 1 && output.counters.losses == 0 && output.trouble == nil)
    let heard = try card.heard(.s16, channels: 2)
    #expect(abs(SineFit(heard.suffix(20_000), frequency: 500).amplitude - 0.5) < 0.005)
  }

  @Test("what the hardware holds back is added to the time, and the buffer is not emptied to make up for it")
  func hardwareDelay() throws {
    let card = try Card()
    card.microphone.standIn.set(.hardwareDelay, 4_800)
    let output = try card.open()
    let start = card.microphone.clock.now()
    let times = card.play(3_000, on: output).map { $0?.time }
    #expect(output.counters == SpeakerCounters())
    let isRight = times.enumerated().dropFirst().allSatisfy { block, time in
      guard let time else { return false }
      let delay = time - (start + .milliseconds(Int64(block) * 20))
      return delay >= .milliseconds(136) && delay <= .milliseconds(146)
    }
    #expect(isRight)
  }

  @Test("what the driver takes ahead is added to the time, and is not made up for each time that the card is started")
  func takenAhead() throws {
    let card = try Card()
    card.microphone.standIn.set(.takenAhead, 720)
    let output = try card.open()
    for _ in 0..<40 {
      let start = card.microphone.clock.now()
      let times = card.play(250, on: output).map { $0?.time }
      for (block, time) in times.enumerated() {
        let delay = try #require(time) - (start + .milliseconds(Int64(block) * 20))
        #expect((.milliseconds(51)...(.milliseconds(61))).contains(delay))
      }
      output.pause()
    }
    #expect(output.counters == SpeakerCounters())
    #expect(abs(output.drift) < 50)
  }

  @Test("the blocks follow on each other also where a card has only long periods, and tells nothing in between")
  func longPeriods() throws {
    let card = try Card { $0.leastPeriod = 2_048 }
    card.microphone.standIn.set(.wholePeriods)
    let output = try card.open()
    let spans = card.play(1_000, on: output).dropFirst(2).compactMap { $0 }
    #expect(output.counters == SpeakerCounters() && spans.count == 998)
    let isEven = zip(spans, spans.dropFirst()).allSatisfy { earlier, later in
      later.epoch == earlier.epoch && abs(later.start - earlier.start - earlier.duration) < 1e-9
    }
    #expect(isEven)
    #expect(spans.allSatisfy { abs($0.lag) < 0.045 })
  }

  @Test("after an interruption the card's clock begins anew")
  func interrupted() throws {
    let card = try Card()
    let output = try card.open()
    let before = try #require(card.play(50, on: output).last ?? nil)
    card.microphone.clock.sleep(card.microphone.clock.now() + .milliseconds(300))
    let after = card.play(50, on: output).compactMap { $0 }
    #expect(after.last?.epoch != before.epoch)
    #expect(try #require(after.last).start < 1)
  }

  @Test("a buffer that is shorter than asked is used, and one too short for two blocks is refused")
  func shortBuffers() throws {
    let card = try Card { $0.mostBuffer = 2_400 }
    let output = try card.open()
    card.play(200, on: output)
    #expect(output.counters == SpeakerCounters())
    let heard = try card.heard(.s16, channels: 2)
    #expect(SineFit(heard.dropFirst(4_000).prefix(40_000), frequency: 500).signalToNoise > 30)
    let other = try Card { $0.mostBuffer = 1_440 }
    let reason = "its buffer of 30 ms is too short"
    #expect(other.failure == .failed(card: other.microphone.standIn.id, reason: reason))
    #expect(other.microphone.standIn.playerCount == 0)
  }

  @Test("after a pause the sound begins anew, and the device is not closed")
  func pause() throws {
    let card = try Card()
    let output = try card.open()
    card.play(50, on: output)
    output.pause()
    card.microphone.clock.sleep(card.microphone.clock.now() + .seconds(2))
    card.play(50, on: output)
    #expect(output.counters == SpeakerCounters())
    #expect(card.microphone.standIn.playerCount == 1)
  }

  @Test("without a name the first that can be used is taken, and one in use is told of rather than one of no use")
  func first() throws {
    let monitor = try Card { $0.formats = [.u8] }
    let card = try Card()
    let ids = [monitor, card].map(\.microphone.standIn.id)
    let cards = SoundCard.all().filter { ids.contains($0.id) }
    func open() throws(MicrophoneError) -> SpeakerStream {
      try SpeakerStream.openFirst(of: cards, in: card.microphone.directory)
    }
    let stream = try open()
    #expect(stream.device.card.id == ids[1])
    #expect(throws: MicrophoneError.busy(card: ids[1], holder: nil)) {
      let other = try open()
      _ = consume other
    }
    _ = consume stream
  }

  @Test("without a name a monitor is the last that is taken")
  func monitor() throws {
    let monitor = try Card { $0.name = "HDA ATI HDMI" }
    let card = try Card()
    let ids = [monitor, card].map(\.microphone.standIn.id)
    let cards = SoundCard.all().filter { ids.contains($0.id) }
    #expect(cards.map(\.id) == ids)
    let stream = try SpeakerStream.openFirst(of: cards, in: card.microphone.directory)
    #expect(stream.device.card.id == ids[1])
    let other = try SpeakerStream.openFirst(of: cards, in: card.microphone.directory)
    #expect(other.device.card.id == ids[0])
    _ = consume stream
    _ = consume other
  }

  @Test("what cannot be opened is said with what to do")
  func failures() throws {
    let card = try Card()
    let first = try card.open()
    #expect(card.failure?.description.contains("in use by another program; end that program first") == true)
    card.microphone.standIn.set(.openError, EACCES)
    try card.microphone.write(
      "\(card.microphone.standIn.id)\n", to: "sys/class/sound/card\(card.microphone.standIn.number)/id")
    try card.microphone.write("", to: "sys/class/sound/pcmC\(card.microphone.standIn.number)D0p/dev")
    #expect(card.failure == .forbidden(card: card.microphone.standIn.id, group: "audio"))
    withExtendedLifetime(first) {}
    let microphone = try TestMicrophone()
    #expect(throws: SpeakerError.notSpeaker(card: microphone.standIn.id, reason: "it only records")) {
      try SpeakerOutput(microphone.standIn.id, in: microphone.directory, microphone.clock)
    }
    #expect(throws: SpeakerError.noSuchCard("Nobody")) {
      try SpeakerOutput("Nobody", in: microphone.directory, microphone.clock)
    }
  }
}

extension CardSpan {
  /// The monotonic time of the first sample, as far as the last timestamp tells.
  fileprivate var time: NIODeadline { epoch + .nanoseconds(Int64((start + lag) * 1e9)) }
}
