import NIOCore

/// One VP8 frame (RFC 6386) for the packetizer, shared by all viewers.
package struct EncodedFrame: Sendable {
  package var data: ByteBuffer
  package var isKeyFrame: Bool
  /// The capture time of the picture that was encoded.
  package var captureTime: NIODeadline
  package var width: Int
  package var height: Int
  /// The temporal layer, the TID of RFC 7741 section 4.2. Frames of layer 0 do not refer to frames of layer 1.
  package var temporalLayer: Int
  /// The quantizer index of VP8, 0...127, which is summed up as `qpSum` in W3C webrtc-stats.
  package var quantizer: Int

  package init(
    data: ByteBuffer, isKeyFrame: Bool, captureTime: NIODeadline, width: Int, height: Int, temporalLayer: Int = 0,
    quantizer: Int = 0
  ) {
    self.data = data
    self.isKeyFrame = isKeyFrame
    self.captureTime = captureTime
    self.width = width
    self.height = height
    self.temporalLayer = temporalLayer
    self.quantizer = quantizer
  }
}
