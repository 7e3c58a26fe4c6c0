import CNetlink
import NIOCore

/// What one message of the kernel's is about (netlink(7), rtnetlink(7)).
enum NetlinkMessage: Hashable, Sendable {
  /// An interface came, went, or changed, for instance for want of its cable.
  case link
  /// An address came or went.
  case address
  /// "NLMSG_OVERRUN": data was lost.
  case overrun
  case other(UInt16)

  /// The messages of one datagram: "one or multiple nlmsghdr headers and associated payload", in host byte order.
  static func parse(_ datagram: ByteBuffer) throws(NetlinkError) -> [NetlinkMessage] {
    var datagram = datagram
    var messages: [NetlinkMessage] = []
    while datagram.readableBytes > 0 {
      guard
        let length = datagram.getInteger(at: datagram.readerIndex, endianness: .host, as: UInt32.self),
        let type = datagram.getInteger(at: datagram.readerIndex + 4, endianness: .host, as: UInt16.self),
        datagram.readableBytes >= headerLength
      else { throw .truncatedHeader }
      guard length >= headerLength, length <= datagram.readableBytes else { throw .badLength(length) }
      messages.append(message(ofType: type))
      // "NLMSG_ALIGN": to four bytes, which need not be there after the last.
      datagram.moveReaderIndex(forwardBy: min((Int(length) + 3) & ~3, datagram.readableBytes))
    }
    return messages
  }

  /// Of struct nlmsghdr.
  private static let headerLength = MemoryLayout<nlmsghdr>.size

  private static func message(ofType type: UInt16) -> NetlinkMessage {
    switch Int(type) {
    case RTM_NEWLINK, RTM_DELLINK: .link
    case RTM_NEWADDR, RTM_DELADDR: .address
    case Int(NLMSG_OVERRUN): .overrun
    default: .other(type)
    }
  }
}
