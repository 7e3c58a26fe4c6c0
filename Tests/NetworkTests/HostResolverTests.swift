import Testing

@testable import Network

@Suite("Addresses of a host")
struct HostResolverTests {
  @Test("are those of its A-labels where its name is internationalized")
  func internationalized() {
    // UTS #46 maps fullwidth letters to those of ASCII.
    let addresses = HostResolver.systemLookUp("\u{FF4C}ocalhost", 3478)
    #expect(addresses == HostResolver.systemLookUp("localhost", 3478) && !addresses.isEmpty)
  }
}
