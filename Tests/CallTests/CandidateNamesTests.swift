import Jingle
import NIOCore
import Testing

@testable import Call

@Suite("Candidates with names in place of addresses")
struct CandidateNamesTests {
  private static func candidate(_ name: String, over: String = "udp") -> ICEUDPTransport.Candidate {
    ICEUDPTransport.Candidate(
      id: "1", foundation: "1", transportProtocol: over, ip: name, port: 5000, priority: 2_130_706_431, kind: .host)
  }

  @Test("names of the local link are resolved, and other names never are")
  func names() throws {
    var names = CandidateNames()
    let known = "6b2b5a1e-3a5f-4d8e-9a40-0d5f2d1c7e11.local"
    let asked = names.requests(for: [known, "unknown.local"].map { Self.candidate($0) }, of: .video)
    #expect(asked.map(\.name) == [known, "unknown.local"])
    let others = [
      "example.org", "a.b.local", ".local", "local", "a b.local", "a\0b.local", "192.0.2.1",
      String(repeating: "a", count: 64) + ".local",
    ]
    #expect(names.requests(for: others.map { Self.candidate($0) }, of: .video).isEmpty)
    #expect(names.answer(asked[0], "192.168.1.7")?.address == (try SocketAddress(ipAddress: "192.168.1.7", port: 5000)))
    #expect(names.answer(asked[1], nil) == nil)
    // Answered once.
    #expect(names.answer(asked[0], "192.168.1.8") == nil)
  }

  @Test("a name is resolved once at a time, and the number of names is bounded")
  func bounded() {
    var names = CandidateNames()
    let many = (0..<100).map { Self.candidate("n\($0).local") }
    let asked = names.requests(for: many + many, of: .video)
    #expect(asked.count == CandidateNames.limit)
    #expect(names.requests(for: many, of: .video).isEmpty)
    _ = names.answer(asked[0], nil)
    #expect(names.requests(for: many, of: .video) == [asked[0]])
  }

  @Test("a candidate over TCP is dropped, whatever its name resolves to")
  func tcp() {
    var names = CandidateNames()
    let asked = names.requests(for: [Self.candidate("a.local", over: "tcp")], of: .video)
    #expect(asked.allSatisfy { names.answer($0, "192.168.1.7") == nil })
  }
}
