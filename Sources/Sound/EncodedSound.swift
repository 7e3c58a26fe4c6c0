import NIOCore

/// One Opus packet (RFC 6716) for the packetizer, shared by all listeners.
package struct EncodedSound: Sendable {
  package var data: ByteBuffer
  /// The capture time of the first sample.
  package var captureTime: NIODeadline
  package var duration: TimeAmount

  package init(data: ByteBuffer, captureTime: NIODeadline, duration: TimeAmount = SoundBlock.duration) {
    self.data = data
    self.captureTime = captureTime
    self.duration = duration
  }
}
