import NIOCore

/// One packet of a stream that has not been numbered, written and protected yet. A pacer may hold it or drop it without
/// leaving a gap in the sequence.
package struct RTPPacket: Sendable {
  package let timestamp: UInt32
  package let marker: Bool
  package let payloadHeader: RTPPayloadHeader
  /// The media of the packet, a slice that shares the storage of the encoded frame.
  package let fragment: ByteBuffer

  /// The length of the payload behind the RTP header in bytes.
  package var payloadSize: Int {
    payloadHeader.length + fragment.readableBytes
  }
}

/// The packets of one frame, in order, made on demand.
package struct RTPPackets: Sequence, IteratorProtocol, Sendable {
  private var fragments: RTPFragments
  private let frame: ByteBuffer
  private let timestamp: UInt32
  private let marksLast: Bool

  init(_ fragments: RTPFragments, of frame: ByteBuffer, timestamp: UInt32, marksLast: Bool = true) {
    self.fragments = fragments
    self.frame = frame
    self.timestamp = timestamp
    self.marksLast = marksLast
  }

  package mutating func next() -> RTPPacket? {
    guard let next = fragments.next() else { return nil }
    guard let fragment = frame.getSlice(at: frame.readerIndex + next.range.lowerBound, length: next.range.count) else {
      preconditionFailure("fragments lie within their frame")
    }
    return RTPPacket(
      timestamp: timestamp, marker: next.isLast && marksLast, payloadHeader: next.payloadHeader, fragment: fragment)
  }
}
