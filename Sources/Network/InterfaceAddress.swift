import CNetlink
import Glibc
import NIOCore

/// One address of an interface, as the kernel tells of it (rtnetlink(7): struct ifaddrmsg and its attributes).
package struct InterfaceAddress: Hashable, Sendable {
  /// The numbers of `IFA_F_…`.
  struct Flags: OptionSet, Hashable, Sendable {
    let rawValue: UInt32

    /// A temporary address of IPv6 (RFC 8981); the same bit marks a secondary address of IPv4.
    static let temporary = Flags(rawValue: UInt32(IFA_F_TEMPORARY))
    /// "SHOULD NOT be used to initiate new communications" (RFC 4862 section 5.5.4).
    static let deprecated = Flags(rawValue: UInt32(IFA_F_DEPRECATED))
    /// Duplicate address detection is under way (RFC 4862 section 5.4).
    static let tentative = Flags(rawValue: UInt32(IFA_F_TENTATIVE))
    /// Another host has the address.
    static let duplicate = Flags(rawValue: UInt32(IFA_F_DADFAILED))
    /// The address may be used while it is tentative (RFC 4429).
    static let optimistic = Flags(rawValue: UInt32(IFA_F_OPTIMISTIC))
  }

  /// The index of the interface.
  let interface: UInt32
  /// The address, with port 0.
  package let address: SocketAddress
  let flags: Flags

  init(interface: UInt32, address: SocketAddress, flags: Flags = []) {
    self.interface = interface
    self.address = address
    self.flags = flags
  }

  /// Reads what follows the header of an RTM_NEWADDR message.
  init(parsing body: ByteBuffer) throws(NetlinkError) {
    var body = body
    guard
      let (family, _, lowFlags, _) = body.readMultipleIntegers(as: (UInt8, UInt8, UInt8, UInt8).self),
      let interface: UInt32 = body.readInteger(endianness: .host)
    else { throw .truncatedAddress }
    var flags = UInt32(lowFlags)
    var (address, local): (SocketAddress?, SocketAddress?)
    while let attribute = try RouteAttribute(readingFrom: &body) {
      switch Int(attribute.type) {
      case IFA_ADDRESS: address = try Self.address(attribute.value, family: family)
      case IFA_LOCAL: local = try Self.address(attribute.value, family: family)
      // Of the 32 bits of the flags, struct ifaddrmsg has the low eight.
      case IFA_FLAGS: flags = attribute.value.getInteger(at: attribute.value.readerIndex, endianness: .host) ?? flags
      default: break
      }
    }
    // "IFA_ADDRESS is prefix address, rather than local interface address": on a point-to-point link it is the peer's.
    guard let own = local ?? address else { throw .noAddress }
    self.init(interface: interface, address: own, flags: Flags(rawValue: flags))
  }

  private static func address(_ bytes: ByteBuffer, family: UInt8) throws(NetlinkError) -> SocketAddress {
    switch (Int32(family), bytes.readableBytes) {
    case (AF_INET, 4), (AF_INET6, 16):
      guard let address = try? SocketAddress(packedIPAddress: bytes, port: 0) else { throw .noAddress }
      return address
    default: throw .noAddress
    }
  }

  /// The interface's name, such as `eth0`.
  package var interfaceName: String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(IF_NAMESIZE)) { name in
      if_indextoname(interface, name.baseAddress).map { String(cString: $0) } ?? "\(interface)"
    }
  }
}
