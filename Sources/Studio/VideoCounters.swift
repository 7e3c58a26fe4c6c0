import Capture
import Video

/// What the video thread counted so far; it goes with every frame, so that the loop never reads the thread's memory.
package struct VideoCounters: Sendable, Equatable {
  /// The size of the source's own pictures.
  package var sourceSize = PictureSize(width: 0, height: 0)
  package var framesCaptured = 0
  package var source = SourceCounters()
  /// The share of the frame interval that encoding takes, in all lanes; nil until it is known.
  package var encodingLoad: Double?
  /// The lane of the frame which these counters go with.
  package var lane = 0
  /// What was counted in this lane.
  package var encoding = EncodingCounters()

  package init() {}

  /// The counters of two sources, one after the other. What holds for a moment only is taken from the second.
  package static func + (left: VideoCounters, right: VideoCounters) -> VideoCounters {
    var sum = right
    sum.framesCaptured += left.framesCaptured
    sum.source = left.source + right.source
    sum.encoding = left.encoding + right.encoding
    return sum
  }
}
