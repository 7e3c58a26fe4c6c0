import Foundation
import NIOCore
import Sound
import Synchronization
import TestSupport
import Testing

@testable import Capture
@testable import Studio

@Suite("The thread of a loudspeaker")
struct SpeakerThreadTests {
  /// A card in virtual time whose samples, of two channels of sixteen bits at 48 kHz, are written to a file.
  private final class PlayingCard {
    let standIn: MicrophoneStandIn
    private let file: URL

    init() throws {
      file = FileManager.default.temporaryDirectory.appending(path: "jinglecam-\(UUID().uuidString)")
      var description = MicrophoneStandIn.Description()
      description.played = file.path
      standIn = try MicrophoneStandIn(description)
    }

    deinit {
      try? FileManager.default.removeItem(at: file)
    }

    var now: NIODeadline { .uptimeNanoseconds(standIn.now) }

    func open() throws(SpeakerError) -> SpeakerOutput {
      try SpeakerOutput(
        standIn.id, in: SoundDirectory(),
        MicrophoneClock(
          now: { [standIn] in .uptimeNanoseconds(standIn.now) },
          sleep: { [standIn] in standIn.sleep(until: $0.uptimeNanoseconds) }))
    }

    /// The first channel.
    func played() throws -> [Float] {
      let data = try Data(contentsOf: file)
      return stride(from: 0, to: data.count - 3, by: 4).map { start in
        Float(Int16(truncatingIfNeeded: UInt16(data[start]) | UInt16(data[start + 1]) << 8)) / 0x8000
      }
    }
  }

  @Test("a chime during which the card is unplugged is played again before the viewer is heard")
  func chime() throws {
    let card = try PlayingCard()
    let speaker = Speaker(echo: EchoPath())
    let troubles = Mutex<[SpeakerError?]>([])
    let thread = SpeakerThread(speaker, try card.open(), hasChime: true) { trouble in
      troubles.withLock { $0.append(trouble) }
    }
    let voice = speaker.makeVoice()
    var encoder = try OpusEncoder(.init(channels: 1, bitrate: 32_000, content: .voice))
    for block in 0..<300 {
      if block == 20 { card.standIn.unplug() }
      if block == 80 { card.standIn.replug() }
      let tone = (0..<SoundBlock.samples).map { index in
        Float(0.25 * sin(2 * .pi * 2_000 * Double(block * SoundBlock.samples + index) / 48_000))
      }
      let packet = try tone.withUnsafeBufferPointer { try encoder.encode($0) }
      let now = card.now
      voice.play(
        ReceivedSound(
          generation: 1, sequenceNumber: block, timestamp: block * SoundBlock.samples, data: packet,
          arrivalTime: now))
      thread.playBlock(now: now)
      card.standIn.sleep(until: (now + SoundBlock.duration).uptimeNanoseconds)
    }
    let lost = SpeakerError.lost(card: card.standIn.id, reason: "No such device")
    #expect(troubles.withLock { $0 } == [lost, nil])
    let played = try card.played()
    let first = (0..<played.count / SoundBlock.samples).first { block in
      let samples = played[block * SoundBlock.samples..<(block + 1) * SoundBlock.samples]
      return SineFit(samples, frequency: 2_000).amplitude > 0.1
    }
    // 22 blocks were played before, with the silence that a card begins with, and 47 after.
    #expect((67...72).contains(try #require(first)), "\(first ?? 0)")
  }
}
