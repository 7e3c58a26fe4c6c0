import Capture
import NIOCore
import Sound

/// The sound of a film, at the pace of its pictures.
final class FileSoundPump: SoundPump {
  /// In bits per second.
  private static let bitrate = 64_000
  /// Sound that is so late is left out: this thread was not run for a while.
  private static let mostDelay = TimeAmount.milliseconds(200)

  private let track: SoundTrack
  private let clock: MediumClock
  private var encoder: OpusEncoder

  /// - Returns: nil where there is no sound.
  init?(_ path: String, track: Int?, by clock: MediumClock) throws(StudioError) {
    do throws(CaptureError) {
      guard let track = try SoundTrack(path: path, track: track, start: clock.firstPicture) else { return nil }
      self.track = track
    } catch {
      throw .source(error)
    }
    do throws(SoundError) {
      encoder = try OpusEncoder(.init(channels: self.track.channels, bitrate: Self.bitrate, content: .music))
    } catch {
      throw .sound(error)
    }
    self.clock = clock
    encoder.setPacketLoss(Self.expectedLoss)
  }

  func run(deliver: (EncodedSound) -> Void) {
    var round = 0
    while true {
      while case true? = track.nextBlock({ play($0, at: $1, inRound: round, deliver) }) {}
      guard track.rewind(), let next = clock.nextRound(after: round) else { return }
      round = next
    }
  }

  /// - Returns: false where the round is over, whatever sound is left.
  private func play(
    _ samples: UnsafeBufferPointer<Float>, at time: TimeAmount, inRound round: Int, _ deliver: (EncodedSound) -> Void
  ) -> Bool {
    guard let due = clock.wait(for: time, inRound: round) else { return false }
    guard NIODeadline.now() - due < Self.mostDelay, let data = try? encoder.encode(samples) else { return true }
    deliver(EncodedSound(data: data, captureTime: due))
    return true
  }
}
