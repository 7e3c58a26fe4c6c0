import NIOCore
import Testing

@testable import Network

@Suite("Addresses that are worth a host candidate")
struct HostInterfacesTests {
  @Test(
    "an address of this host is present, one of nobody's is not",
    arguments: [("127.0.0.1", true), ("127.0.0.2", true), ("192.0.2.1", false), ("2001:db8::1", false)])
  func present(address: String, isPresent: Bool) throws {
    #expect(HostInterfaces.isPresent(try SocketAddress(ipAddress: address, port: 443)) == isPresent)
  }

  @Test(
    "link-local, site-local, embedded, multicast and unspecified addresses are not offered",
    arguments: [
      ("192.0.2.1", true), ("127.0.0.1", true), ("0.0.0.0", false), ("169.254.1.1", false), ("224.0.0.1", false),
      ("2001:db8::1", true), ("fd00::1", true), ("::1", true), ("64:ff9b::c000:201", true), ("::", false),
      ("fe80::1", false), ("febf::1", false), ("fec0::1", false), ("feff::1", false), ("ff0e::1", false),
      ("::192.0.2.1", false), ("::ffff:192.0.2.1", false),
    ])
  func usable(address: String, isUsable: Bool) throws {
    #expect(HostInterfaces.isUsable(try SocketAddress(ipAddress: address, port: 0)) == isUsable)
  }

  private func offered(_ addresses: [(UInt32, String, InterfaceAddress.Flags)]) throws -> [String] {
    let addresses = try addresses.map { interface, address, flags in
      InterfaceAddress(interface: interface, address: try SocketAddress(ipAddress: address, port: 0), flags: flags)
    }
    return HostInterfaces.offered(of: addresses).compactMap(\.address.ipAddress)
  }

  @Test("a temporary address hides those of its own prefix on its own interface that allow location tracking")
  func temporary() throws {
    let stable: InterfaceAddress.Flags = []
    #expect(
      try offered([
        (2, "2001:db8:0:1::1", stable), (2, "2001:db8:0:1:8::2", .temporary), (2, "2001:db8:0:1::dc", stable),
        (2, "2001:db8:0:1:8::3", .temporary), (2, "2001:db8:0:2::1", stable), (2, "fd00:0:0:1::1", stable),
        (3, "2001:db8:0:1::3", stable),
        // Of IPv4 the bit says that the address is a secondary one.
        (2, "192.0.2.1", stable), (2, "192.0.2.2", .temporary),
      ]) == [
        "2001:db8:0:1:8::2", "2001:db8:0:1:8::3", "2001:db8:0:2::1", "fd00:0:0:1::1", "2001:db8:0:1::3", "192.0.2.1",
        "192.0.2.2",
      ])
  }

  @Test("addresses that are deprecated, or may be another host's, are not offered and hide nothing")
  func unpreferred() throws {
    for flags: InterfaceAddress.Flags in [.deprecated, .tentative, [.tentative, .duplicate], .duplicate] {
      let addresses =
        [(2, "2001:db8:0:1::1", []), (2, "2001:db8:0:1:8::2", flags.union(.temporary))]
        as [(UInt32, String, InterfaceAddress.Flags)]
      #expect(try offered(addresses) == ["2001:db8:0:1::1"])
    }
    #expect(try offered([(2, "2001:db8::1", [.tentative, .optimistic])]) == ["2001:db8::1"])
  }

  @Test(
    "the kernel's own temporary address is offered in place of the stable one, in a network namespace of the test's own",
    .enabled(if: NetworkNamespace.isPossible))
  func kernel() async throws {
    let (offered, all) = try await NetworkNamespace.run {
      try NetworkNamespace.shell(
        """
        ip link set lo up
        echo 2 >/proc/sys/net/ipv6/conf/lo/use_tempaddr
        ip -6 addr add 2001:db8:0:1::1/64 dev lo mngtmpaddr
        ip -6 addr add 2001:db8:0:2::1/64 dev lo
        ip -6 addr add 2001:db8:0:3::1/64 dev lo preferred_lft 0 valid_lft 1000
        ip -6 addr add fd00:0:0:1::1/64 dev lo
        ip addr add 192.0.2.7 peer 192.0.2.8 dev lo
        # A work queue of the kernel takes the mark off, of a loopback interface without asking anybody.
        until [ -z "$(ip -6 addr show tentative)" ]; do :; done
        """)
      return (HostInterfaces.addresses(includesLoopback: false), try InterfaceAddress.all())
    }
    let temporary = try #require(all.first { $0.flags.contains(.temporary) && $0.address.protocol == .inet6 }?.address)
    #expect(temporary.ipAddress?.hasPrefix("2001:db8:0:1:") == true)
    #expect(
      Set(offered.compactMap(\.ipAddress)) == [
        "192.0.2.7", temporary.ipAddress, "2001:db8:0:2::1", "fd00:0:0:1::1",
      ])
    #expect(all.count == 8)
  }

  @Test("many addresses are read to the end, and sixteen of them offered", .enabled(if: NetworkNamespace.isPossible))
  func many() async throws {
    let (offered, all) = try await NetworkNamespace.run {
      try NetworkNamespace.shell(
        """
        ip link set lo up
        for last in $(seq 250); do for third in 1 2 3 4; do echo "addr add 10.0.$third.$last/32 dev lo"; done; done |
          ip -batch -
        """)
      return (HostInterfaces.addresses(includesLoopback: false), try InterfaceAddress.all())
    }
    #expect(offered.count == 16)
    #expect(Set(all.map(\.address)).count >= 1_001)
  }
}
