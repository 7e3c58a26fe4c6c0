import NIOCore
import Testing

@testable import Settings

@Suite("Where metrics can be read")
struct MetricsAddressTests {
  @Test("is a Unix socket or a port of loopback", arguments: ["unix:/run/a.sock", "127.0.0.1:9464", "[::1]:9464"])
  func taken(text: String) throws {
    #expect(try MetricsAddress(parsing: text).description == text)
  }

  @Test(
    "is refused where others could reach it, or it is no address",
    arguments: [
      ("0.0.0.0:9464", "is not loopback: others could read along"),
      ("192.0.2.1:9464", "is not loopback: others could read along"),
      ("[::]:9464", "is not loopback: others could read along"),
      ("[::ffff:192.0.2.1]:9464", "is not loopback: others could read along"),
      ("localhost:9464", "is not an address with a port"), ("127.0.0.1", "is not an address with a port"),
      (":9464", "is not an address with a port"), ("127.0.0.1:0", "is not an address with a port"),
      ("unix:", "has no absolute path of at most 103 bytes"),
      ("unix:a.sock", "has no absolute path of at most 103 bytes"),
      ("unix:/" + String(repeating: "x", count: 103), "has no absolute path of at most 103 bytes"),
    ])
  func refused(text: String, reason: String) throws {
    let error = #expect(throws: SettingError.self) { try MetricsAddress(parsing: text) }
    #expect(
      error?.description.hasPrefix("--metrics '\(text)' \(reason); write unix:") == true, "\(error?.description ?? "")")
    #expect(error?.kind == .usage)
  }
}
