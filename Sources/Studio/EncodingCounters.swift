import NIOCore
import Video

/// What was counted of one encode of a source.
package struct EncodingCounters: Sendable, Equatable {
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

  mutating func add(_ encoded: EncodedFrame, encodeTime: TimeAmount) {
    framesEncoded += 1
    keyFramesEncoded += encoded.isKeyFrame ? 1 : 0
    quantizerSum += encoded.quantizer
    totalEncodeTime = totalEncodeTime + encodeTime
    lastEncodeTime = encodeTime
  }

  /// The counters of two encodes together. What holds for a moment only is taken from the second.
  static func + (left: EncodingCounters, right: EncodingCounters) -> EncodingCounters {
    var sum = right
    sum.framesEncoded += left.framesEncoded
    sum.keyFramesEncoded += left.keyFramesEncoded
    sum.quantizerSum += left.quantizerSum
    sum.qualityLimitation = left.qualityLimitation + right.qualityLimitation
    sum.totalEncodeTime = left.totalEncodeTime + right.totalEncodeTime
    return sum
  }

  /// What was counted since `start`. What holds for a moment only is taken from the first.
  static func - (end: EncodingCounters, start: EncodingCounters) -> EncodingCounters {
    var difference = end
    difference.framesEncoded -= start.framesEncoded
    difference.keyFramesEncoded -= start.keyFramesEncoded
    difference.quantizerSum -= start.quantizerSum
    difference.qualityLimitation = end.qualityLimitation - start.qualityLimitation
    difference.totalEncodeTime = end.totalEncodeTime - start.totalEncodeTime
    return difference
  }
}
