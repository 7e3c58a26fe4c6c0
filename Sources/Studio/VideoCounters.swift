import Capture
import NIOCore

/// What the video thread counted so far; it goes with every frame, so that the loop never reads the thread's memory.
package struct VideoCounters: Sendable, Equatable {
  package var framesCaptured = 0
  package var source = SourceCounters()
  package var framesEncoded = 0
  package var keyFramesEncoded = 0
  package var totalEncodeTime = TimeAmount.zero
  /// Of the frame that these counters go with.
  package var lastEncodeTime = TimeAmount.zero
  package var targetBitrate = 0

  package init() {}

  /// Of two sources one after the other; what is said of a moment is the latter's.
  package static func + (left: VideoCounters, right: VideoCounters) -> VideoCounters {
    var sum = right
    sum.framesCaptured += left.framesCaptured
    sum.source = left.source + right.source
    sum.framesEncoded += left.framesEncoded
    sum.keyFramesEncoded += left.keyFramesEncoded
    sum.totalEncodeTime = left.totalEncodeTime + right.totalEncodeTime
    return sum
  }
}
