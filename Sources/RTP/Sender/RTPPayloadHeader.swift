import NIOCore

/// The octets that a payload format puts between the RTP header and the media of a packet, eight at most.
package struct RTPPayloadHeader: Hashable, Sendable {
  package static let none = RTPPayloadHeader(octets: 0, length: 0)

  /// The octets in the order of the network, from the most significant byte on.
  private let octets: UInt64
  private let storedLength: UInt8

  /// - Parameter octets: the header as a number, whose least significant byte is the last octet.
  package init(octets: UInt64, length: Int) {
    let most = MemoryLayout<UInt64>.size
    precondition((0...most).contains(length), "a payload header has eight octets at most")
    self.octets = octets << (8 * UInt64(most - length))
    storedLength = UInt8(length)
  }

  package var length: Int { Int(storedLength) }

  package func write(to packet: inout ByteBuffer) {
    // One write for all octets is much cheaper than one for each field.
    packet.writeWithUnsafeMutableBytes(minimumWritableBytes: MemoryLayout<UInt64>.size) { bytes in
      bytes.storeBytes(of: octets.bigEndian, as: UInt64.self)
      return length
    }
  }
}
