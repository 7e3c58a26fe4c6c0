import Testing

@testable import Network

@Suite("Where an XMPP server is reached")
struct ConnectionTargetTests {
  @Test("a port that is known for direct TLS gets it")
  func ports() {
    #expect(ConnectionTarget(host: "h", port: 5223).isDirectTLS)
    #expect(ConnectionTarget(host: "h", port: 443).isDirectTLS)
    #expect(!ConnectionTarget(host: "h", port: 5222).isDirectTLS)
  }

  @Test(
    "a user names a server by host and port, or by a URL that says how TLS begins",
    arguments: [
      ("h.test", "h.test", 5222, false), ("h.test:5222", "h.test", 5222, false), ("h.test:5223", "h.test", 5223, true),
      ("h.test:443", "h.test", 443, true), ("xmpps://h.test", "h.test", 5223, true),
      ("xmpps://h.test:443", "h.test", 443, true), ("xmpps://h.test:5222", "h.test", 5222, true),
      ("xmpp://h.test", "h.test", 5222, false), ("XMPP://h.test:443", "h.test", 443, false),
      ("xmpps://[2001:db8::1]:443", "2001:db8::1", 443, true), ("[::1]", "::1", 5222, false),
      ("2001:db8::1", "2001:db8::1", 5222, false), ("h.test.:5222", "h.test", 5222, false),
      ("xmpps://192.0.2.1", "192.0.2.1", 5223, true),
    ])
  func named(text: String, host: String, port: Int, isDirectTLS: Bool) throws {
    #expect(
      try ConnectionTarget(parsing: text) == ConnectionTarget(host: host, port: port, isDirectTLS: isDirectTLS))
  }
}
