import Foundation
import Testing

@testable import Diagnosis
@testable import Settings

@Suite("What a doctor says of passwords")
struct PasswordReportTests {
  @Test("one that is there, and that others cannot read, is all right")
  func fine() {
    let file = SecretFile(path: "/etc/password", mode: 0o640)
    #expect(
      PasswordReport(file: file.path, secretFiles: [file]).findings == [.ok(.password, "it comes from /etc/password")])
    #expect(PasswordReport(secretFiles: []).findings == [.ok(.password, "it comes from JINGLECAM_PASSWORD")])
  }

  @Test("a file that everybody may read is a warning, also a TURN server's", arguments: [0o644, 0o604, 0o777])
  func exposed(mode: Int) {
    let files = ["/etc/password", "/etc/turn"].map { SecretFile(path: $0, mode: UInt32(mode)) }
    let findings = PasswordReport(file: "/etc/password", secretFiles: files).findings
    #expect(findings.map(\.level) == [.warning, .warning])
    #expect(findings.map(\.fix) == ["chmod 600 '/etc/password'", "chmod 600 '/etc/turn'"])
  }

  @Test("one that begins or ends with a space is a warning")
  func padded() {
    let findings = PasswordReport(file: "/etc/password", isPadded: true, secretFiles: []).findings
    #expect(findings.map(\.level) == [.warning])
    #expect(findings.first?.text.contains("/etc/password begins or ends with a space") == true)
    let variable = PasswordReport(isPadded: true, secretFiles: [SecretFile(path: "/etc/turn", mode: 0o644)]).findings
    #expect(variable.map(\.level) == [.warning, .warning])
    #expect(variable.first?.text.contains("JINGLECAM_PASSWORD") == true)
  }

  @Test("none, one that cannot be read, and an empty one are problems, each with what to do")
  func problems() {
    let none = PasswordReport(
      error: SettingError("no password: set JINGLECAM_PASSWORD or give --password-file FILE", .configuration),
      secretFiles: []
    ).findings
    #expect(none.map(\.cause) == [.setting(.configuration)] && none[0].fix?.contains("JINGLECAM_PASSWORD") == true)
    let unreadable = PasswordReport(
      file: "/etc/password",
      error: SettingError("cannot read the password file /etc/password: Permission denied", .noInput), secretFiles: []
    ).findings
    #expect(unreadable.map(\.cause) == [.setting(.noInput)] && unreadable[0].fix?.contains("sudo") == true)
    let empty = PasswordReport(
      file: "/etc/password",
      error: SettingError("the password file /etc/password has no password in its first line", .configuration),
      secretFiles: []
    ).findings
    #expect(empty.map(\.cause) == [.setting(.configuration)] && empty[0].fix?.contains("first line") == true)
  }

  @Test("a file's permissions are those that the system tells")
  func modes() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "jinglecam-\(UUID().uuidString)").path
    try "secret".write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(chmod(path, 0o644) == 0)
    #expect(SecretFile.look(at: path)?.finding?.level == .warning)
    #expect(chmod(path, 0o600) == 0)
    #expect(SecretFile.look(at: path)?.mode == 0o600)
    #expect(SecretFile.look(at: path)?.finding == nil)
    #expect(SecretFile.look(at: path + "-not") == nil)
  }
}
