import NIOCore
import Testing

@testable import Network

@Suite struct HostInterfacesTests {
  @Test(
    "an address of this host is present, one of nobody's is not",
    arguments: [("127.0.0.1", true), ("127.0.0.2", true), ("192.0.2.1", false), ("2001:db8::1", false)])
  func present(address: String, isPresent: Bool) throws {
    #expect(HostInterfaces.isPresent(try SocketAddress(ipAddress: address, port: 443)) == isPresent)
  }
}
