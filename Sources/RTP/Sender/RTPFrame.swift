import NIOCore

/// One encoded picture on its way out.
package struct RTPFrame: Sendable {
  /// The VP8 frame.
  package var payload: ByteBuffer
  /// When the picture was taken (for files: media time); its RTP timestamp comes from this alone.
  package var captureTime: NIODeadline
  package var isKeyFrame: Bool

  package init(payload: ByteBuffer, captureTime: NIODeadline, isKeyFrame: Bool) {
    self.payload = payload
    self.captureTime = captureTime
    self.isKeyFrame = isKeyFrame
  }
}
