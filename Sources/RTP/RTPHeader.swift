import NIOCore

/// The RTP fixed header (RFC 3550 section 5.1).
package struct RTPHeader: Hashable, Sendable {
  /// Bytes of a header without contributing sources and extension, the only kind that is written.
  package static let length = 12

  package var marker: Bool
  package var payloadType: UInt8
  package var sequenceNumber: UInt16
  package var timestamp: UInt32
  package var ssrc: UInt32

  package init(marker: Bool, payloadType: UInt8, sequenceNumber: UInt16, timestamp: UInt32, ssrc: UInt32) {
    precondition(payloadType < 128, "a payload type has seven bits")
    self.marker = marker
    self.payloadType = payloadType
    self.sequenceNumber = sequenceNumber
    self.timestamp = timestamp
    self.ssrc = ssrc
  }

  /// Reads the header and leaves exactly the payload in `packet`: contributing sources, the header extension of
  /// whatever profile (RFC 8285's one-byte and two-byte forms too) and padding are skipped.
  /// `packet` is untouched when this throws.
  package init(parsing packet: inout ByteBuffer) throws(RTPError) {
    var rest = packet
    guard
      let (first, second, sequenceNumber, timestamp, ssrc) = rest.readMultipleIntegers(
        as: (UInt8, UInt8, UInt16, UInt32, UInt32).self)
    else { throw .truncated }
    guard first >> 6 == 2 else { throw .unsupportedVersion }
    try rest.skip(Int(first & 0x0F) * 4)
    if first & 0x10 != 0 {
      guard let (_, words) = rest.readMultipleIntegers(as: (UInt16, UInt16).self) else { throw .truncated }
      try rest.skip(Int(words) * 4)
    }
    if first & 0x20 != 0 {
      try rest.removePadding()
    }
    packet = rest
    self.init(
      marker: second & 0x80 != 0, payloadType: second & 0x7F, sequenceNumber: sequenceNumber, timestamp: timestamp,
      ssrc: ssrc)
  }

  package func write(to packet: inout ByteBuffer) {
    // Once a packet, and ByteBuffer's writers of integers cost more than all else that is done for one.
    packet.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.length) { bytes in
      bytes[0] = 0x80
      bytes[1] = (marker ? 0x80 : 0) | payloadType
      bytes.storeBytes(of: sequenceNumber.bigEndian, toByteOffset: 2, as: UInt16.self)
      bytes.storeBytes(of: timestamp.bigEndian, toByteOffset: 4, as: UInt32.self)
      bytes.storeBytes(of: ssrc.bigEndian, toByteOffset: 8, as: UInt32.self)
      return Self.length
    }
  }
}
