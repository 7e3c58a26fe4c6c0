/// Why a netlink datagram cannot be read.
enum NetlinkError: Error, Hashable {
  case truncatedHeader
  /// Shorter than its header, or longer than the datagram.
  case badLength(UInt32)
}
