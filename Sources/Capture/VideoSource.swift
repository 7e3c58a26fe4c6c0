import NIOCore
import Video

/// A source of pictures: a file, the test pattern, or a camera. It is used by one thread at a time.
package protocol VideoSource: AnyObject {
  /// The format of the frames that the source lends.
  var format: VideoFormat { get }

  /// The meaning of the capture times.
  var timeline: VideoTimeline { get }

  var counters: SourceCounters { get }

  /// Why the source lends a substitute instead of its own picture; nil if it lends its own.
  var trouble: SourceTrouble? { get }

  /// The difference to what the source was asked for, in one line; nil if there is none.
  var remark: String? { get }

  /// By what the sound of the same file is played; nil where there is none to be played.
  var mediumClock: MediumClock? { get }

  /// The path of the camera's node; nil if it is no camera.
  var cameraPath: String? { get }

  /// How a camera was opened; nil if it is no camera.
  var cameraMode: CameraMode? { get }

  /// Lends the next frame to `body` for the duration of the call; returns nil at the end. A source that has to wait for
  /// its frame, such as a camera, blocks, and lends the last one again if none comes for a while (``StillTimeline``).
  /// Frames captured before `earliest` are skipped without the cost of a conversion: so a late reader of a file catches
  /// up, and what a camera saw before the first viewer remains unseen. Rethrows what `body` throws.
  func nextFrame<R>(notBefore earliest: NIODeadline, _ body: (borrowing VideoFrame) throws -> R) throws -> R?
}

extension VideoSource {
  package var remark: String? { nil }
  package var trouble: SourceTrouble? { nil }
  package var mediumClock: MediumClock? { nil }
  package var cameraPath: String? { nil }
  package var cameraMode: CameraMode? { nil }

  /// Whether the source lends its own picture and no substitute.
  package var hasSignal: Bool { trouble == nil }

  package func nextFrame<R>(_ body: (borrowing VideoFrame) throws -> R) throws -> R? {
    try nextFrame(notBefore: .uptimeNanoseconds(0), body)
  }
}
