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
