import NIOCore
import Video

/// The times at which the last picture of a source is lent again because no other has come. Somebody who joins a call,
/// or has lost a picture, waits for the next one, and slides may be a minute apart. A repeated picture costs almost no
/// bits.
struct StillTimeline {
  /// Somebody who waits for a key frame waits no longer than this.
  static let shortestPause = TimeAmount.milliseconds(200)
  private static let longestPause = TimeAmount.milliseconds(400)

  private let pause: TimeAmount
  private var last: NIODeadline?

  /// - Parameters:
  ///   - frameRate: the rate of the source, which repeats nothing while it keeps that rate.
  ///   - maximum: the requested frame rate, which repetitions must not exceed.
  init(frameRate: FrameRate, maximum: FrameRate?) {
    func longer(than interval: TimeAmount) -> TimeAmount {
      max(Self.shortestPause, .nanoseconds(interval.nanoseconds * 3 / 2))
    }
    pause = maximum.map { longer(than: $0.interval) } ?? min(longer(than: frameRate.interval), Self.longestPause)
  }

  /// When the last picture is due again; nil if there is none, or if it is not to be shown any more.
  var due: NIODeadline? { last.map { $0 + pause } }

  /// Notes that a picture was lent, for the first time or again.
  mutating func lent(at time: NIODeadline) { last = time }

  /// Stops repeating the last picture.
  mutating func forget() { last = nil }
}
