import Foundation
import TestSupport
import Testing
import XMPP

@testable import Setup

@Suite("A QR code in the terminal")
struct QRCodeTests {
  private static let isCI = ProcessInfo.processInfo.environment["CI"] == "true"
  private static let hasReader = FileManager.default.isExecutableFile(atPath: "/usr/bin/zbarimg")

  /// What a phone would see of the lines: eight pixels a module.
  private func image(of lines: [String]) -> Data {
    let plain = lines.map { line in line.replacing(/\x1b\[[0-9;]*m/, with: "") }
    let columns = plain[0].count
    var rows: [[UInt8]] = []
    for line in plain {
      for isUpper in [true, false] {
        rows.append(line.map { $0 == "\u{2588}" || $0 == (isUpper ? "\u{2580}" : "\u{2584}") ? 255 : 0 })
      }
    }
    let scale = 8
    var data = Data("P5\n\(columns * scale) \(rows.count * scale)\n255\n".utf8)
    for row in rows {
      let wide = row.flatMap { [UInt8](repeating: $0, count: scale) }
      for _ in 0..<scale { data.append(contentsOf: wide) }
    }
    return data
  }

  @Test(
    "is read as what it was made of", .enabled(if: isCI || hasReader, "zbar-tools is not installed"),
    arguments: [
      "xmpp:cam@example.net?roster;name=Front%20door", "xmpp:c%C3%A4m@b%C3%BCcher.example?roster;name=Haust%C3%BCr",
      "x", String(repeating: "a1B2", count: 60),
    ])
  func roundTrip(text: String) throws {
    let code = try #require(QRCode(text))
    for colours in [TerminalStyle.Colours.none, .palette] {
      let path = FileManager.default.temporaryDirectory.path + "/jinglecam-qr-\(UUID().uuidString).pgm"
      defer { try? FileManager.default.removeItem(atPath: path) }
      try image(of: code.lines(colours)).write(to: URL(filePath: path))
      let output = Pipe()
      let reader = try ChildProcess(["zbarimg", "--quiet", "--raw", "--oneshot", path], output: output)
      let read = try #require(try output.fileHandleForReading.readToEnd())
      #expect(reader.wait() == 0)
      #expect(String(decoding: read, as: UTF8.self) == text)
    }
  }

  @Test("what no terminal could show makes no code", arguments: ["", "a\0b", String(repeating: "x", count: 501)])
  func refused(text: String) {
    #expect(QRCode(text) == nil)
  }

  @Test("the link has the account and the name in percent encoding")
  func link() throws {
    var plan = SetupPlan(
      source: "camera", account: AccountPlan(jid: try JID("cam@example.net"), password: ""), allow: nil,
      name: "Front door")
    #expect(plan.link == "xmpp:cam@example.net?roster;name=Front%20door")
    plan.account.jid = try JID("a+b@b\u{FC}cher.example/phone")
    plan.name = "50% & \u{FC};=?#"
    #expect(plan.link == "xmpp:a%2Bb@b%C3%BCcher.example?roster;name=50%25%20%26%20%C3%BC%3B%3D%3F%23")
  }
}
