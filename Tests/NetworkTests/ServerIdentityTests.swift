import Testing

@testable import Network

@Suite("The name in a certificate (RFC 9525)")
struct ServerIdentityTests {
  @Test(
    "names match label by label, in whatever case, and a wildcard stands for one whole label on the left",
    arguments: [
      ("turn.example.org", "turn.example.org", true), ("TURN.Example.org", "turn.example.ORG.", true),
      ("*.example.org", "turn.example.org", true), ("example.org", "turn.example.org", false),
      ("turn.example.org", "example.org", false), ("*.example.org", "example.org", false),
      ("*.example.org", "a.turn.example.org", false), ("*.org", "example.org", false), ("*", "localhost", false),
      ("t*.example.org", "turn.example.org", false), ("turn.*.org", "turn.example.org", false),
      ("", "", false), ("*.example.org", ".example.org", false), ("127.0.0.1", "127.1", false),
      ("*.example.org", "*.example.org", false), ("turn..org", "turn..org", false), (".", ".", false),
      ("*.freifunk.example", "xn--mnchen-3ya.freifunk.example", true),
      ("xn--*.example.org", "xn--mnchen-3ya.example.org", false),
      ("m\u{FC}nchen.example", "m\u{FC}nchen.example", false),
      // U+212A, whose lowercase is k.
      ("\u{212A}.example.org", "k.example.org", false), ("a_b.example.org", "a_b.example.org", false),
    ])
  func names(presented: String, name: String, isMatch: Bool) {
    #expect(ServerIdentity.matches(Array(presented.utf8), name) == isMatch)
  }
}
