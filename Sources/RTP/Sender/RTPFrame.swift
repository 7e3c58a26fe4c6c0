import NIOCore

/// One encoded picture on its way out.
package struct RTPFrame: Sendable {
  /// The VP8 frame.
  package var payload: ByteBuffer
  /// When the picture was taken (for files: media time); its RTP timestamp comes from this alone.
  package var captureTime: NIODeadline
  package var isKeyFrame: Bool
  /// RFC 7741 section 4.2, TID: no frame of layer 0 refers to one of layer 1, and none of layer 1 to another.
  package var temporalLayer: Int

  package init(payload: ByteBuffer, captureTime: NIODeadline, isKeyFrame: Bool, temporalLayer: Int = 0) {
    self.payload = payload
    self.captureTime = captureTime
    self.isKeyFrame = isKeyFrame
    self.temporalLayer = temporalLayer
  }
}
