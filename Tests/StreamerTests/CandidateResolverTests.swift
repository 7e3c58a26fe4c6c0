import Dispatch
import Jingle
import NIOCore
import Synchronization
import Testing

@testable import Call
@testable import Network
@testable import Streamer

@Suite("Candidates with names in place of addresses", .serialized)
struct CandidateResolverTests {
  private static func request(_ name: String) -> CandidateNames.Request {
    CandidateNames.Request(
      candidate: ICEUDPTransport.Candidate(
        id: "1", foundation: "1", transportProtocol: "udp", ip: name, port: 5000, priority: 2_130_706_431, kind: .host),
      kind: .video)
  }

  @Test("that hang hold up no server's name, and do not pile up")
  func hanging() async throws {
    let address = try SocketAddress(ipAddress: "192.168.1.7", port: 5000)
    let gate = DispatchSemaphore(value: 0)
    let asked = Mutex(0)
    let resolver = CandidateResolver(
      resolver: HostResolver(timeout: .milliseconds(1)) { _, _ in
        asked.withLock { $0 += 1 }
        gate.wait()
        return [address]
      })
    for _ in 0..<100 { #expect(await resolver.address(of: Self.request("unknown.local")) == nil) }
    let server = HostResolver(timeout: .seconds(10)) { _, _ in [address] }
    #expect(await server.addresses(of: "turn.example.org", port: 5000) == [address])
    for _ in 0..<200 { gate.signal() }
    // First in, first out.
    let last = CandidateResolver(resolver: HostResolver(timeout: .seconds(10)) { _, _ in [address] })
    while await last.address(of: Self.request("last.local")) == nil {}
    #expect(asked.withLock { $0 } <= 2 * CandidateNames.limit)
  }
}
