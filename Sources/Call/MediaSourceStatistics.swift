import NIOCore

/// What the source of the pictures and their encoder have counted up to one picture.
package struct MediaSourceStatistics: Sendable, Equatable {
  package var width = 0
  package var height = 0
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

  package init() {}
}
