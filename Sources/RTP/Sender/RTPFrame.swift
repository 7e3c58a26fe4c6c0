import NIOCore

/// One encoded picture that is to be sent.
package struct RTPFrame: Sendable {
  /// The encoded frame.
  package var payload: ByteBuffer
  /// The time at which the picture was taken, or for files is shown, on the monotonic clock. The RTP timestamp is derived
  /// from this alone.
  package var captureTime: NIODeadline
  package var isKeyFrame: Bool
  /// The temporal layer, the TID of RFC 7741 section 4.2. No frame of layer 0 refers to one of layer 1, and no frame of
  /// layer 1 refers to another of layer 1.
  package var temporalLayer: Int

  package init(payload: ByteBuffer, captureTime: NIODeadline, isKeyFrame: Bool, temporalLayer: Int = 0) {
    self.payload = payload
    self.captureTime = captureTime
    self.isKeyFrame = isKeyFrame
    self.temporalLayer = temporalLayer
  }
}
