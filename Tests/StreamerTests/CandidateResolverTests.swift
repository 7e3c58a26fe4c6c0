import Dispatch
import Jingle
import NIOCore
import Synchronization
import Testing

@testable import Streamer

@Suite("Candidates with names in place of addresses", .serialized)
struct CandidateResolverTests {
  private static func candidate(_ name: String, over: String = "udp") -> ICEUDPTransport.Candidate {
    ICEUDPTransport.Candidate(
      id: "1", foundation: "1", transportProtocol: over, ip: name, port: 5000, priority: 2_130_706_431, kind: .host)
  }

  @Test("of the local link are asked of the system, and others never are")
  func names() async throws {
    let address = try SocketAddress(ipAddress: "192.168.1.7", port: 5000)
    let known = "6b2b5a1e-3a5f-4d8e-9a40-0d5f2d1c7e11.local"
    let asked = Mutex<[String]>([])
    let resolver = CandidateResolver(
      resolver: HostResolver { host, port in
        asked.withLock { $0.append(host) }
        return host == known && port == 5000 ? [address] : []
      })
    #expect(
      await resolver.resolve(Self.candidate(known))?.address == address)
    #expect(await resolver.resolve(Self.candidate("unknown.local")) == nil)
    for name in [
      "example.org", "a.b.local", ".local", "local", "a b.local", "a\0b.local", "192.0.2.1",
      String(repeating: "a", count: 64) + ".local",
    ] {
      #expect(await resolver.resolve(Self.candidate(name)) == nil)
    }
    #expect(asked.withLock { $0 } == [known, "unknown.local"])
    #expect(await resolver.resolve(Self.candidate(known, over: "tcp")) == nil)
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
    for _ in 0..<100 { #expect(await resolver.resolve(Self.candidate("unknown.local")) == nil) }
    let server = HostResolver(timeout: .seconds(10)) { _, _ in [address] }
    #expect(await server.addresses(of: "turn.example.org", port: 5000) == [address])
    for _ in 0..<200 { gate.signal() }
    // First in, first out.
    let last = CandidateResolver(resolver: HostResolver(timeout: .seconds(10)) { _, _ in [address] })
    while await last.resolve(Self.candidate("last.local")) == nil {}
    #expect(asked.withLock { $0 } <= 2 * CandidateResolver.limit)
  }
}
