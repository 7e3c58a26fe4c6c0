import NIOCore

/// The RTP header (RFC 3550 section 5.1), without contributing sources.
package struct RTPHeader: Hashable, Sendable {
  /// The length of the fixed header in bytes.
  package static let length = 12

  package var marker: Bool
  package var payloadType: UInt8
  package var sequenceNumber: UInt16
  package var timestamp: UInt32
  package var ssrc: UInt32
  package var extensions = RTPHeaderExtensions()

  package init(marker: Bool, payloadType: UInt8, sequenceNumber: UInt16, timestamp: UInt32, ssrc: UInt32) {
    precondition(payloadType < 128, "a payload type has seven bits")
    self.marker = marker
    self.payloadType = payloadType
    self.sequenceNumber = sequenceNumber
    self.timestamp = timestamp
    self.ssrc = ssrc
  }

  /// Reads the header and leaves exactly the payload in `packet`. Contributing sources, padding, and any header
  /// extension that is not in the one-byte form of RFC 8285 are skipped.
  ///
  /// - Throws: `RTPError`; `packet` is unchanged then.
  package init(parsing packet: inout ByteBuffer) throws(RTPError) {
    var rest = packet
    guard
      let (first, second, sequenceNumber, timestamp, ssrc) = rest.readMultipleIntegers(
        as: (UInt8, UInt8, UInt16, UInt32, UInt32).self)
    else { throw .truncated }
    guard first >> 6 == 2 else { throw .unsupportedVersion }
    try rest.skip(Int(first & 0x0F) * 4)
    var extensions = RTPHeaderExtensions()
    if first & 0x10 != 0 {
      guard
        let (profile, words) = rest.readMultipleIntegers(as: (UInt16, UInt16).self),
        let block = rest.readSlice(length: Int(words) * 4)
      else { throw .truncated }
      extensions = RTPHeaderExtensions(parsing: block, profile: profile)
    }
    if first & 0x20 != 0 {
      try rest.removePadding()
    }
    packet = rest
    self.init(
      marker: second & 0x80 != 0, payloadType: second & 0x7F, sequenceNumber: sequenceNumber, timestamp: timestamp,
      ssrc: ssrc)
    self.extensions = extensions
  }

  /// The length of the fixed header and the header extension in bytes.
  package var encodedLength: Int {
    Self.length + extensions.encodedLength
  }

  package func write(to packet: inout ByteBuffer) {
    // This runs once a packet, where the integer writers of ByteBuffer would cost more than all else that is done for
    // it.
    packet.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.length) { bytes in
      bytes[0] = extensions.encodedLength == 0 ? 0x80 : 0x90
      bytes[1] = (marker ? 0x80 : 0) | payloadType
      bytes.storeBytes(of: sequenceNumber.bigEndian, toByteOffset: 2, as: UInt16.self)
      bytes.storeBytes(of: timestamp.bigEndian, toByteOffset: 4, as: UInt32.self)
      bytes.storeBytes(of: ssrc.bigEndian, toByteOffset: 8, as: UInt32.self)
      return Self.length
    }
    extensions.write(to: &packet)
  }
}
