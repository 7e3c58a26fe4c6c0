import Capture
import NIOCore
import Sound

/// Takes the sound of a film at the pace of its pictures and encodes it, once for all who hear it: the body of the sound
/// thread.
package final class SoundPump {
  /// In bits per second.
  private static let bitrate = 64_000
  /// The share of lost packets for which a packet repeats the one before.
  private static let expectedLoss = 0.05
  /// Sound that is so late is left out: this thread was not run for a while.
  private static let mostDelay = TimeAmount.milliseconds(200)

  private let track: SoundTrack
  private let clock: MediumClock
  private var encoder: OpusEncoder

  private init(_ track: SoundTrack, by clock: MediumClock) throws(SoundError) {
    self.track = track
    self.clock = clock
    encoder = try OpusEncoder(.init(channels: track.channels, bitrate: Self.bitrate, content: .music))
    encoder.setPacketLoss(Self.expectedLoss)
  }

  /// - Parameter onRemark: called with why a sound that is there is not heard.
  /// - Returns: nil where there is no sound.
  static func make(
    _ configuration: VideoConfiguration, by clock: MediumClock?, onRemark: ((String) -> Void)?
  ) throws(StudioError) -> SoundPump? {
    guard configuration.hasSound, let clock else { return nil }
    do throws(CaptureError) {
      guard
        let track = try SoundTrack(
          path: configuration.source, track: configuration.audioTrack, start: clock.firstPicture)
      else { return nil }
      do throws(SoundError) { return try SoundPump(track, by: clock) } catch { throw .invalidInput("\(error)") }
    } catch {
      guard configuration.audioTrack == nil else { throw .source(error) }
      onRemark?("the picture is sent without its sound: \(error)")
      return nil
    }
  }

  /// Runs until the pictures end.
  func run(deliver: (EncodedSound) -> Void) {
    var round = 0
    while true {
      while case true? = track.nextBlock({ play($0, at: $1, inRound: round, deliver) }) {}
      round += 1
      // The pictures go on where they are longer than the sound, and so the next round is waited for.
      guard track.rewind(), clock.wait(for: .zero, inRound: round) != nil else { return }
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
