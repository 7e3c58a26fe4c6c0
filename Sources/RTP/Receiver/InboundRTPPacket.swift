import NIOCore

/// A packet of the peer's stream, in the order and on the clock that the stream has without their limits of 16 and 32
/// bits.
package struct InboundRTPPacket: Sendable, Equatable {
  /// Numbers the streams: another SSRC, or another beginning of the same one, has nothing to do with what came before.
  package var generation: Int
  package var sequenceNumber: Int
  package var timestamp: Int
  package var payload: ByteBuffer
  package var arrivalTime: NIODeadline
}
