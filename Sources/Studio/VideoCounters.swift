import Capture
import NIOCore
import Video

/// What the video thread counted so far; it goes with every frame, so that the loop never reads the thread's memory.
package struct VideoCounters: Sendable, Equatable {
  /// The size of the source's own pictures.
  package var sourceSize = PictureSize(width: 0, height: 0)
  package var framesCaptured = 0
  package var source = SourceCounters()
  package var framesEncoded = 0
  package var keyFramesEncoded = 0
  package var totalEncodeTime = TimeAmount.zero
  /// The time that encoding the frame took which these counters go with.
  package var lastEncodeTime = TimeAmount.zero
  /// Bits per second.
  package var targetBitrate = 0
  /// The sum over all encoded frames of the quantizer index of VP8, 0...127.
  package var quantizerSum = 0
  package var qualityLimitation = QualityLimitation()

  package init() {}

  /// The counters of two sources, one after the other. What holds for a moment only is taken from the second.
  package static func + (left: VideoCounters, right: VideoCounters) -> VideoCounters {
    var sum = right
    sum.framesCaptured += left.framesCaptured
    sum.source = left.source + right.source
    sum.framesEncoded += left.framesEncoded
    sum.keyFramesEncoded += left.keyFramesEncoded
    sum.quantizerSum += left.quantizerSum
    sum.qualityLimitation = left.qualityLimitation + right.qualityLimitation
    sum.totalEncodeTime = left.totalEncodeTime + right.totalEncodeTime
    return sum
  }
}
