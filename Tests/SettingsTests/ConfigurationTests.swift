import ICE
import Testing
import Video

@testable import Settings

@Suite struct ConfigurationTests {
  @Test(
    "a bitrate is read in bits per second with decimal units",
    arguments: [("800000", 800_000), ("1500k", 1_500_000), ("2M", 2_000_000), ("0.5m", 500_000)])
  func bitrate(text: String, expected: Int) throws {
    #expect(try Bitrate.parse(text) == expected)
  }

  @Test(
    "an impossible bitrate is a usage error", arguments: ["", "k", "fast", "-1M", "1", "1e99M", "nan", "inf", "200M"])
  func badBitrate(text: String) {
    #expect(throws: SettingError.self) { try Bitrate.parse(text) }
  }

  @Test("a picture size has two even sides")
  func pictureSize() throws {
    let size = try PictureSize(parsing: "1280x720")
    #expect(size.width == 1280)
    #expect(size.height == 720)
  }

  @Test(
    "an impossible picture size exits with 64",
    arguments: ["", "640", "640x", "x480", "641x480", "640x481", "0x0", "8x8", "99999x480", "640x480x3", "640X-480"])
  func badPictureSize(text: String) {
    let error = #expect(throws: SettingError.self) { try PictureSize(parsing: text) }
    #expect(error?.kind == .usage)
  }

  @Test(
    "a TURN URI names host, port and transport: 3478 by default, 5349 by TLS",
    arguments: [
      ("turn:turn.example.org", "turn.example.org", 3478, .udp), ("turn:192.0.2.1:5000", "192.0.2.1", 5000, .udp),
      ("TURN:[2001:db8::1]:3479?transport=udp", "2001:db8::1", 3479, .udp),
      ("turn:[2001:db8::1]", "2001:db8::1", 3478, .udp), ("turn:host?transport=TCP", "host", 3478, .tcp),
      ("turn:host:80?transport=tcp", "host", 80, .tcp), ("turns:host", "host", 5349, .tls),
      ("turns:[2001:db8::1]:443?transport=tcp", "2001:db8::1", 443, .tls),
      ("turn:2001:db8::1", "2001:db8::1", 3478, .udp), ("turns:::1?transport=tcp", "::1", 5349, .tls),
      ("turn:turn.example.org.:5000", "turn.example.org", 5000, .udp),
    ] as [(String, String, Int, RelayProtocol)])
  func turnURI(text: String, host: String, port: Int, relayProtocol: RelayProtocol) throws {
    let uri = try TURNURI(parsing: text)
    #expect(uri.host == host)
    #expect(uri.port == port)
    #expect(uri.relayProtocol == relayProtocol)
    #expect(try TURNURI(parsing: uri.description) == uri)
  }

  @Test(
    "what is no TURN URI, or one over DTLS, is a usage error",
    arguments: [
      "", "turn", "turn:", "stun:host", "turn:host:0", "turn:host:99999", "turn:host:port", "turn:2001:db8",
      "turn:.", "turns:host?transport=udp", "turn:host?transport=sctp", "turn:host?foo=udp", "turn://host", "turn:[::1",
      "turn:[::1]x",
    ])
  func badTURNURI(text: String) {
    let error = #expect(throws: SettingError.self) { try TURNURI(parsing: text) }
    #expect(error?.kind == .usage)
  }
}
