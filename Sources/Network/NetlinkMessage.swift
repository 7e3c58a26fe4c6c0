import CNetlink
import Glibc
import NIOCore

/// What one message of the kernel's is about (netlink(7), rtnetlink(7)).
enum NetlinkMessage: Hashable, Sendable {
  /// An interface came, went, or changed, for instance for want of its cable.
  case link
  /// An address came or changed, or is part of an answer; ``InterfaceAddress`` reads the body.
  case newAddress(ByteBuffer)
  case deletedAddress
  /// "NLMSG_OVERRUN": data was lost.
  case overrun
  /// "NLMSG_DONE": nothing of the answer is left.
  case done
  /// "NLMSG_ERROR", as an errno; 0 acknowledges.
  case error(CInt)
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
      guard length >= headerLength, var body = datagram.getSlice(at: datagram.readerIndex, length: Int(length)) else {
        throw .badLength(length)
      }
      body.moveReaderIndex(forwardBy: headerLength)
      messages.append(message(ofType: type, body: body))
      // "NLMSG_ALIGN": to four bytes, which need not be there after the last.
      datagram.moveReaderIndex(forwardBy: min((Int(length) + 3) & ~3, datagram.readableBytes))
    }
    return messages
  }

  /// The length of struct nlmsghdr in bytes.
  private static let headerLength = MemoryLayout<nlmsghdr>.size

  private static func message(ofType type: UInt16, body: ByteBuffer) -> NetlinkMessage {
    switch Int(type) {
    case RTM_NEWLINK, RTM_DELLINK: .link
    case RTM_NEWADDR: .newAddress(body)
    case RTM_DELADDR: .deletedAddress
    case Int(NLMSG_OVERRUN): .overrun
    case Int(NLMSG_DONE): .done
    case Int(NLMSG_ERROR): .error(errorNumber(body))
    default: .other(type)
    }
  }

  /// "Negative errno or 0 for acknowledgements" (netlink(7): struct nlmsgerr).
  private static func errorNumber(_ body: ByteBuffer) -> CInt {
    guard let code = body.getInteger(at: body.readerIndex, endianness: .host, as: CInt.self) else { return EPROTO }
    return code == .min ? EPROTO : abs(code)
  }
}

/// Why a netlink datagram cannot be read.
enum NetlinkError: Error, Hashable {
  case truncatedHeader
  /// Shorter than its header, or longer than the datagram.
  case badLength(UInt32)
  /// Shorter than struct ifaddrmsg.
  case truncatedAddress
  case truncatedAttribute
  /// Shorter than its header, or longer than the message.
  case badAttributeLength(UInt16)
  /// Neither IPv4 nor IPv6, or not of the length that its family has.
  case noAddress
}
