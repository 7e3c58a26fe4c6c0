import NIOCore

/// One packet of a stream before it is numbered, written and protected: until then a pacer may hold it or drop it, which
/// leaves no gap in the sequence.
package struct RTPPacket: Sendable {
  package let timestamp: UInt32
  package let marker: Bool
  package let payloadHeader: RTPPayloadHeader
  /// A slice of the encoded frame, whose storage it shares.
  package let fragment: ByteBuffer

  /// The number of bytes behind the RTP header.
  package var payloadSize: Int {
    payloadHeader.length + fragment.readableBytes
  }
}

/// The packets of one frame, in order; made as they are asked for.
package struct RTPPackets: Sequence, IteratorProtocol, Sendable {
  private var fragments: RTPFragments
  private let frame: ByteBuffer
  private let timestamp: UInt32

  init(_ fragments: RTPFragments, of frame: ByteBuffer, timestamp: UInt32) {
    self.fragments = fragments
    self.frame = frame
    self.timestamp = timestamp
  }

  package mutating func next() -> RTPPacket? {
    guard let next = fragments.next() else { return nil }
    guard let fragment = frame.getSlice(at: frame.readerIndex + next.range.lowerBound, length: next.range.count) else {
      preconditionFailure("fragments lie within their frame")
    }
    return RTPPacket(
      timestamp: timestamp, marker: next.isLast, payloadHeader: next.payloadHeader, fragment: fragment)
  }
}
