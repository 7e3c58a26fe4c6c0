import NIOCore
import Video

/// When the last picture of a source is lent again because no other has come: who joins a call, or has lost a picture,
/// waits for the next one, and slides may come a minute apart. An encoder makes next to nothing of a picture that it has
/// seen.
struct StillTimeline {
  /// Often enough for whoever waits for a key frame.
  static let shortestPause = TimeAmount.milliseconds(200)
  private static let longestPause = TimeAmount.milliseconds(400)

  private let pause: TimeAmount
  private var last: NIODeadline?

  /// - Parameters:
  ///   - frameRate: of the source, which repeats nothing while it keeps that rate.
  ///   - maximum: what whoever named a rate gets no more than.
  init(frameRate: FrameRate, maximum: FrameRate?) {
    func longer(than interval: TimeAmount) -> TimeAmount {
      max(Self.shortestPause, .nanoseconds(interval.nanoseconds * 3 / 2))
    }
    pause = maximum.map { longer(than: $0.interval) } ?? min(longer(than: frameRate.interval), Self.longestPause)
  }

  /// When the last picture is due again; `nil` where there was none, or it is not to be shown any more.
  var due: NIODeadline? { last.map { $0 + pause } }

  /// A picture was lent, for the first time or again.
  mutating func lent(at time: NIODeadline) { last = time }

  /// There is nothing to be lent again.
  mutating func forget() { last = nil }
}
