import NIOCore

/// The header that a payload format puts between the RTP header and the media of a packet, eight octets at most.
package struct RTPPayloadHeader: Hashable, Sendable {
  package static let none = RTPPayloadHeader(octets: 0, length: 0)

  /// The octets in network byte order, from the most significant byte on.
  private let octets: UInt64
  private let storedLength: UInt8

  /// - Parameters:
  ///   - octets: the header as a number whose least significant byte is the last octet.
  ///   - length: the number of octets.
  package init(octets: UInt64, length: Int) {
    let most = MemoryLayout<UInt64>.size
    precondition((0...most).contains(length), "a payload header has eight octets at most")
    self.octets = octets << (8 * UInt64(most - length))
    storedLength = UInt8(length)
  }

  /// The length in bytes.
  package var length: Int { Int(storedLength) }

  package func write(to packet: inout ByteBuffer) {
    // A single write is much cheaper than one for each field.
    packet.writeWithUnsafeMutableBytes(minimumWritableBytes: MemoryLayout<UInt64>.size) { bytes in
      bytes.storeBytes(of: octets.bigEndian, as: UInt64.self)
      return length
    }
  }
}
