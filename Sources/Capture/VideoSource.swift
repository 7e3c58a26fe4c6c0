import NIOCore
import Video

/// Where pictures come from: a file, the test pattern, a camera. Used by one thread at a time.
package protocol VideoSource: AnyObject {
  /// Of every frame the source lends.
  var format: VideoFormat { get }

  /// What the capture times count.
  var timeline: VideoTimeline { get }

  var counters: SourceCounters { get }

  /// Why what it lends only stands for its picture; `nil` where it is its picture.
  var trouble: SourceTrouble? { get }

  /// In one line, in what the source differs from what it was asked for.
  var remark: String? { get }

  /// Lends the next frame to `body` for the time of the call; `nil` at the end. A source that must wait for its frame
  /// (a camera) blocks, and lends the last one again where none comes for a while (``StillTimeline``). Frames captured before `earliest` are passed over without the cost of converting them: how a
  /// late reader of a file catches up, and how what a camera saw before anybody looked stays unseen. Rethrows what
  /// `body` throws.
  func nextFrame<R>(notBefore earliest: NIODeadline, _ body: (borrowing VideoFrame) throws -> R) throws -> R?
}

extension VideoSource {
  package var remark: String? { nil }
  package var trouble: SourceTrouble? { nil }

  /// Whether what it lends is its picture, and not one that stands for it.
  package var hasSignal: Bool { trouble == nil }

  package func nextFrame<R>(_ body: (borrowing VideoFrame) throws -> R) throws -> R? {
    try nextFrame(notBefore: .uptimeNanoseconds(0), body)
  }
}
