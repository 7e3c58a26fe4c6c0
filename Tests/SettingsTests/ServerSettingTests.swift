import Network
import Testing

@testable import Settings

@Suite("The value of --server")
struct ServerSettingTests {
  @Test(
    "what is no server's address is told in one line that says how to write it",
    arguments: [
      "", ":5222", "h.test:", "h.test:0", "h.test:65536", "h.test:+1", "https://h.test", "tcp://h.test:5222",
      "xmpps://",
      "xmpps://h.test/", "xmpp://ann@h.test", "ann@h.test", "xmpps://h.test:443/xmpp", "xmpps://h.test?tls=1",
      "2001:db8::x", "xmpps://2001:db8::1::", "[h.test]:5222", "[::1", "://h.test", "h test", "xmpp:h.test", "h.test#1",
    ])
  func nonsense(text: String) throws {
    let error = try #require(throws: SettingError.self) { try ConnectionTarget(setting: text) }
    #expect(error.kind == .usage && error.description.hasPrefix("--server '"))
    #expect(error.description.contains("xmpps://") && error.description.contains("xmpp://"))
  }
}
