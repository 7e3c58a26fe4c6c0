import Capture
import NIOCore
import Sound

/// The sound of a film, at the pace of its pictures.
final class FileSoundPump: SoundPump {
  /// In bits per second.
  private static let defaultBitrate = 64_000
  /// Sound that is so late is left out: this thread was not run for a while.
  private static let mostDelay = TimeAmount.milliseconds(200)

  private let track: SoundTrack
  private let clock: MediumClock
  private let control: SoundControl
  private var encoder: SoundEncoder
  private var counters = SoundCounters()
  /// When the last block that was delivered has been heard.
  private var end: NIODeadline?
  /// By which two blocks in succession may overlap: the times of pictures are rounded.
  private static let tolerance = TimeAmount.milliseconds(1)

  /// - Parameter bitrate: in bits per second; nil for one that fits a film.
  /// - Returns: nil where there is no sound.
  init?(
    _ path: String, track: Int?, by clock: MediumClock, bitrate: Int?, _ control: SoundControl
  ) throws(StudioError) {
    do throws(CaptureError) {
      guard let track = try SoundTrack(path: path, track: track, start: clock.firstPicture) else { return nil }
      self.track = track
    } catch {
      throw .source(error)
    }
    do throws(SoundError) {
      encoder = try SoundEncoder(
        .init(channels: self.track.channels, bitrate: bitrate ?? Self.defaultBitrate, content: .music))
    } catch {
      throw .sound(error)
    }
    self.clock = clock
    self.control = control
  }

  func run(deliver: (EncodedSound, SoundCounters) -> Void) {
    var round = 0
    while true {
      while case true? = track.nextBlock({ play($0, at: $1, inRound: round, deliver) }) {}
      guard !control.isStopped, track.rewind(), let next = clock.nextRound(after: round) else { return }
      round = next
    }
  }

  /// - Returns: false if the round is over, or the sound is no longer wanted, whatever is left of it.
  private func play(
    _ samples: UnsafeBufferPointer<Float>, at time: TimeAmount, inRound round: Int,
    _ deliver: (EncodedSound, SoundCounters) -> Void
  ) -> Bool {
    guard !control.isStopped, let due = clock.wait(for: time, inRound: round) else { return false }
    // The sound of some films goes on after the last picture, and is played if the next round is not known by then.
    if let end, due + Self.tolerance < end { return true }
    guard control.isListening else { return true }
    counters.add(samples)
    encoder.follow(control)
    guard NIODeadline.now() - due < Self.mostDelay, let data = try? encoder.encode(samples) else { return true }
    end = due + SoundBlock.duration
    deliver(EncodedSound(data: data, captureTime: due), counters)
    return true
  }
}
