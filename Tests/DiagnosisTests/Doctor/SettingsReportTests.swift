import ICE
import Testing

@testable import Diagnosis
@testable import Settings

@Suite("What a doctor says of settings")
struct SettingsReportTests {
  private static func findings(_ change: (inout ServeSettings) -> Void = { _ in }) -> [DoctorFinding] {
    var settings = ServeSettings()
    settings.values = [.jid: Setting("cam@example.net"), .source: Setting("pattern")]
    settings.allow = [.init(jid: Setting("ann@example.net")), .init(jid: Setting("example.org"))]
    change(&settings)
    return SettingsReport(settings, file: "cam.yaml").findings
  }

  @Test("that are right, who may watch")
  func right() {
    #expect(
      Self.findings() == [
        .ok(.configuration, "cam.yaml is right; may watch: ann@example.net, everybody at example.org")
      ])
  }

  @Test("that name nobody, how the first admin is found")
  func nobody() throws {
    #expect(
      Self.findings { $0.allow = [] } == [
        .ok(.configuration, "cam.yaml is right; serve shows a code for the first admin until somebody is allowed")
      ])
  }

  @Test("that make everybody at a domain an admin, that there is a risk")
  func admins() {
    let findings = Self.findings { $0.allow = [.init(jid: Setting("example.org"), role: Setting("admin"))] }
    #expect(findings.map(\.level) == [.ok, .warning])
    #expect(findings.last?.text == "everybody who has or can get an account at example.org is an admin")
  }

  @Test("each thing that is wrong, with its place, and not only the first")
  func several() throws {
    let findings = Self.findings {
      $0.allow = [.init(jid: Setting("ann"))]
      $0.values[.size] = Setting("640", place: "cam.yaml:3")
      $0.values[.jid] = nil
      $0.values[.icePolicy] = Setting("some", place: "cam.yaml:7")
    }
    #expect(findings.count == 4)
    #expect(findings.allSatisfy { $0.level == .problem && $0.fix?.isEmpty == false })
    #expect(findings.contains { $0.text.hasPrefix("cam.yaml:3: ") && $0.fix == "write for example 640x480" })
    #expect(findings.contains { $0.text.hasPrefix("cam.yaml:7: ") && $0.cause == .setting(.configuration) })
  }

  @Test("also what belongs to no part")
  func others() throws {
    let findings = Self.findings { $0.values[.viewers] = Setting("0", place: "cam.yaml:9") }
    #expect(findings.map(\.text) == ["cam.yaml:9: viewers '0' is out of range"])
    #expect(findings.first?.fix == "choose 1 to 64")
  }

  @Test("in a file that cannot be read, or has unknown keys, what to do")
  func unusable() throws {
    let missing = SettingsReport(
      unusable: "cam.yaml", SettingError("cannot read cam.yaml: No such file or directory", .noInput)
    ).findings
    #expect(missing.map(\.cause) == [.setting(.noInput)])
    #expect(missing.first?.fix?.contains("sudo") == true)
    let unknown = SettingsReport(
      unusable: "cam.yaml", SettingError("cam.yaml:3: unknown key 'sise'", .configuration)
    ).findings
    #expect(
      unknown.map(\.text) == ["cam.yaml:3: unknown key 'sise'"] && unknown.map(\.cause) == [.setting(.configuration)])
    #expect(unknown.first?.fix?.contains("Serving") == true)
  }

  @Test("the files that hold passwords are known, those of TURN servers too")
  func secretFiles() {
    var settings = ServeSettings()
    settings.values = [
      .jid: Setting("cam@example.net"), .source: Setting("pattern"), .passwordFile: Setting("/etc/password"),
    ]
    settings.turn = [
      .init(
        uri: Setting("turn:a.test"), credentials: TURNCredentials(username: "cam", password: "s3cret"),
        passwordFile: "/etc/turn"),
      .init(uri: Setting("turn:b.test"), credentials: TURNCredentials(username: "cam", password: "s3cret")),
    ]
    #expect(SettingsReport(settings, file: nil).secretFiles == ["/etc/password", "/etc/turn"])
  }
}
