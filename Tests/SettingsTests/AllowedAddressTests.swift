import Testing
import XMPP

@testable import Settings

@Suite("An entry of the list of those who may watch")
struct AllowedAddressTests {
  private func problem(_ text: String) -> String? {
    do throws(SettingError) {
      _ = try AllowedAddress.parse(text)
      return nil
    } catch {
      return error.kind == .usage ? error.description : "\(error.kind)"
    }
  }

  @Test(
    "is a person or a domain",
    arguments: [
      "ann@example.net", "Ann@Example.NET", "example.org", "ann@localhost", "ann+cam@example.net", "192.0.2.1",
      "[2001:db8::1]", "ann@[2001:db8::1]",
    ])
  func right(text: String) throws {
    #expect(try AllowedAddress.parse(text) == JID(text))
  }

  @Test(
    "is refused where it lets in others than was meant, or nobody, in one line that says what to write",
    arguments: [
      ("ann", "'ann' is a domain without a dot; write ann@domain for a person"),
      ("localhost", "'localhost' is a domain without a dot; write localhost@domain for a person"),
      ("ann@example.net/phone", "'ann@example.net/phone' names one device of ann@example.net; write ann@example.net"),
      ("example.net/phone", "'example.net/phone' names one device of example.net; write example.net"),
      ("ann/phone", "'ann/phone' names one device of ann; write ann"),
    ])
  func wrong(text: String, message: String) {
    #expect(problem(text) == message)
  }

  @Test(
    "is no pattern",
    arguments: ["*@example.net", "*", "*.example.net", "ann@*", "ann@*.net", "a*@b.c", "＊@example.net"])
  func pattern(text: String) {
    #expect(
      problem(text)
        == "'\(text)' is a pattern, and patterns are not supported; write a domain for everybody there, or user@domain")
  }

  @Test(
    "is an address",
    arguments: ["", "@", "ann@", "@example.net", "ann@example.net,bob@example.net", "xmpp:ann@example.net", "♥@b.c"])
  func malformed(text: String) {
    #expect(
      problem(text) == "'\(text)' is not an XMPP address; write user@domain, or a domain for everybody there")
  }

  @Test("is judged alike on the command line and in the file, there with its line")
  func places() throws {
    for text in ["ann", "ann@example.net/phone", "*@example.net"] {
      var flags = ServeSettings()
      flags.allow = [.init(jid: Setting(text))]
      let message = try #require(problem(text))
      let typed = #expect(throws: SettingError.self) { try flags.access() }
      #expect(typed?.description == message && typed?.kind == .usage)
      let yaml = "allow:\n  - jid: bob@example.net\n  - jid: '\(text)'\n"
      let read = #expect(throws: SettingError.self) { try ConfigurationFile.parse(yaml, path: "cam.yaml").access() }
      #expect(read?.description == "cam.yaml:3: \(message)" && read?.kind == .configuration)
    }
  }
}
