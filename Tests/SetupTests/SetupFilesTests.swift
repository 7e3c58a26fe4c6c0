import Foundation
import Settings
import TestSupport
import Testing
import XMPP

@testable import Setup

@Suite("The files that setup writes")
struct SetupFilesTests {
  private let directory = FileManager.default.temporaryDirectory.path + "/jinglecam-setup-\(UUID().uuidString)"
  private let files: SetupFiles

  init() throws {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    files = SetupFiles(try SetupPaths(config: directory + "/cam.yaml", instance: nil))
  }

  private func plan(_ account: String = "cam@home.example", password: String = "s3cret") throws -> SetupPlan {
    SetupPlan(
      source: "pattern", account: AccountPlan(jid: try JID(account), password: password),
      allow: [.init(jid: Setting("ann@home.example"), role: Setting("admin"))], name: "Front door")
  }

  private func mode(_ path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
  }

  private var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: directory).sorted()) ?? [] }

  @Test("nobody but the owner may read the password, everybody the settings, and nothing else is left")
  func modes() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try files.check()
    try files.write(plan())
    #expect(names == ["cam.password", "cam.yaml"])
    #expect(try mode(files.paths.password) == 0o600 && mode(files.paths.settings) == 0o644)
    #expect(try Password.read(file: files.paths.password) == "s3cret")
    let former = try files.former()
    #expect(former.jid == "cam@home.example" && former.password == "s3cret" && former.source == "pattern")
    #expect(former.allow.map(\.jid.text) == ["ann@home.example"])
  }

  @Test("settings keep their mode and comments; a password that everybody could read is protected")
  func again() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try "# mine\njid: old@home.example # his\nsource: camera\n".write(
      toFile: files.paths.settings, atomically: false, encoding: .utf8)
    try "old\n".write(toFile: files.paths.password, atomically: false, encoding: .utf8)
    chmod(files.paths.settings, 0o640)
    chmod(files.paths.password, 0o644)
    try files.write(plan())
    #expect(try mode(files.paths.settings) == 0o640 && mode(files.paths.password) == 0o600)
    let text = try String(contentsOfFile: files.paths.settings, encoding: .utf8)
    #expect(text.hasPrefix("# mine\njid: cam@home.example # his\n"))
  }

  @Test("where the settings cannot be written, the password is what it was")
  func halves() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    // Not even root can put a file into the place of a directory.
    try FileManager.default.createDirectory(atPath: files.paths.settings, withIntermediateDirectories: true)
    #expect(throws: SettingError.self) { try files.write(plan()) }
    #expect(names == ["cam.yaml"])
    try FileManager.default.removeItem(atPath: files.paths.settings)
    try "{jid: old@home.example}\n".write(toFile: files.paths.settings, atomically: false, encoding: .utf8)
    try "old\n".write(toFile: files.paths.password, atomically: false, encoding: .utf8)
    #expect(throws: SettingError.self) { try files.write(plan()) }
    #expect(try Password.read(file: files.paths.password) == "old")
    #expect(names == ["cam.password", "cam.yaml"])
  }

  @Test("the sample's account is nobody's, and its list no answer")
  func sample() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try "jid: cam@example.net\nsource: camera\nallow:\n  - jid: ann@example.net\n".write(
      toFile: files.paths.settings, atomically: false, encoding: .utf8)
    let former = try files.former()
    #expect(former.jid == nil && former.allow.isEmpty)
  }

  @Test("a directory that is not there is told before anything is asked")
  func missing() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let files = SetupFiles(try SetupPaths(config: "/proc/nothing/cam.yaml", instance: nil))
    #expect(throws: SettingError.self) { try files.check() }
  }

  @Test("a service reads the password that setup has tested, and no file that the settings named before")
  func passwordOfService() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let former = "jid: cam@home.example\npassword-file: /root/old\n"
    let unit = SetupFiles(try SetupPaths(config: nil, instance: "door"))
    #expect(try unit.settings(plan(), over: former).contains("\n#password-file: /root/old\n"))
    #expect(try files.settings(plan(), over: former).contains("\npassword-file: \(files.paths.password)\n"))
  }

  @Test("settings that only a person can change are refused before anything is created")
  func trial() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try files.check(plan())
    try "{jid: old@home.example}\n".write(toFile: files.paths.settings, atomically: false, encoding: .utf8)
    #expect(throws: SettingError.self) { try files.check(plan()) }
  }

  @Test("a password that belongs to something else is not overwritten")
  func foreignPassword() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try "another\n".write(toFile: files.paths.password, atomically: false, encoding: .utf8)
    #expect(throws: SettingError.self) { try files.check() }
    for (named, isOurs) in [
      (directory + "/../\(directory.split(separator: "/").last ?? "")/cam.password", true), ("/x", false),
    ] {
      try "password-file: \(named)\n".write(toFile: files.paths.settings, atomically: false, encoding: .utf8)
      #expect(((try? files.check()) != nil) == isOurs)
    }
  }

  @Test("the password of an account that no settings name is kept, beside that of another")
  func keeping() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try files.write(plan())
    let file = try files.keep(AccountPlan(jid: try JID("door@home.example/x"), password: "made"))
    #expect(file == files.paths.password + ".door@home.example")
    #expect(try Password.read(file: file) == "made" && mode(file) == 0o600)
    #expect(try Password.read(file: files.paths.password) == "s3cret")
  }

  @Test("settings with a password in an address are their owner's, or there is a warning")
  func secretSource() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    var secret = try plan()
    secret.source = "rtsp://ann:pw@cam.example/1"
    try files.write(secret)
    #expect(try mode(files.paths.settings) == 0o600 && files.warning(after: secret) == nil)
    chmod(files.paths.settings, 0o644)
    try files.write(secret)
    #expect(files.warning(after: secret)?.contains(files.paths.settings) == true)
    #expect(files.warning(after: try plan()) == nil)
  }

  @Test("files that are named from here are named for a service, which runs elsewhere")
  func relative() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let files = SetupFiles(try SetupPaths(config: "cam.yaml", instance: nil, in: directory))
    for name in ["film.webm", "ca.pem"] {
      try "".write(toFile: "\(directory)/\(name)", atomically: false, encoding: .utf8)
    }
    var plan = try plan()
    (plan.source, plan.account.caFile) = ("film.webm", "ca.pem")
    let text = try files.settings(plan, over: nil)
    #expect(text.contains("source: \(directory)/film.webm\n") && text.contains("ca-file: \(directory)/ca.pem\n"))
    for source in ["camera", "pattern", "rtsp://cam.example/1"] {
      try "".write(toFile: "\(directory)/camera", atomically: false, encoding: .utf8)
      plan.source = source
      #expect(try files.settings(plan, over: nil).contains("source: \(source)\n"))
    }
  }
}
