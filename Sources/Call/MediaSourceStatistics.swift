import NIOCore

/// What the source of the pictures and their encoder have counted up to one picture.
package struct MediaSourceStatistics: Sendable, Equatable {
  /// The size of the source's own pictures.
  package var width = 0
  package var height = 0
  /// The size that they are encoded in.
  package var frameWidth = 0
  package var frameHeight = 0
  package var framesCaptured = 0
  /// Left out because the host could not keep up.
  package var framesSkipped = 0
  /// Left out because they came damaged.
  package var framesCorrupt = 0
  package var framesEncoded = 0
  package var keyFramesEncoded = 0
  package var totalEncodeTime = TimeAmount.zero
  /// Of the picture that these go with.
  package var lastEncodeTime = TimeAmount.zero
  /// Bits per second.
  package var targetBitrate = 0
  /// The sum over all encoded frames of the quantizer index of VP8, 0...127.
  package var quantizerSum = 0
  package var qualityLimitationReason = "none"
  package var qualityLimitationDurations = CallStatistics.QualityLimitationDurations()

  package init() {}
}
