import Foundation
import State
import Testing
import XMPP

@testable import Settings

@Suite("The people who were allowed by chat")
struct PeopleFileTests {
  private let directory = FileManager.default.temporaryDirectory.appending(path: "jinglecam-\(UUID().uuidString)")

  private func file(of account: String = "cam@example.net/x") throws -> PeopleFile {
    PeopleFile(of: try JID(account), in: directory.path)
  }

  private static func people(_ people: [String: AccessList.Role]) throws -> [JID: AccessList.Role] {
    Dictionary(uniqueKeysWithValues: try people.map { (try JID($0), $1) })
  }

  @Test("are known again after a restart, by account, and to nobody else")
  func restart() throws {
    defer { try? FileManager.default.removeItem(at: directory) }
    let people = try Self.people(["ann@example.net": .admin, "bob@example.net": .viewer, "eve@example.org": .viewer])
    #expect(try file().read().isEmpty)
    #expect(try file().write(people) == nil)
    #expect(try file(of: "Cam@example.net/y").read() == people)
    #expect(try file(of: "other@example.net").read().isEmpty)
    let fewer = people.filter { $0.key.local != "bob" }
    #expect(try file().write(fewer) == nil)
    #expect(try file().read() == fewer)
    for name in ["admins-of-cam@example.net", "viewers-of-cam@example.net"] {
      let attributes = try FileManager.default.attributesOfItem(atPath: directory.appending(path: name).path)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
    }
  }

  @Test("are people and not everybody at a domain, whatever a damaged file has")
  func damaged() throws {
    defer { try? FileManager.default.removeItem(at: directory) }
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    try Data("example.org\n@@\n\u{0}\nann@example.net/phone\nbob@exa".utf8 + [0xff]).write(
      to: directory.appending(path: "admins-of-cam@example.net"))
    #expect(try file().read()[try JID("ann@example.net")] == .admin)
    #expect(try file().read().keys.allSatisfy { $0.local != nil && $0.isBare })
  }

  @Test("are not taken for nobody if a file cannot be read, which is told and left as it is", arguments: [true, false])
  func unreadable(failsAtOpen: Bool) throws {
    defer { try? FileManager.default.removeItem(at: directory) }
    let people = try Self.people(["ann@example.net": .admin, "bob@example.net": .viewer])
    #expect(try file().write(people) == nil)
    let path = directory.appending(path: "admins-of-cam@example.net").path
    try FileManager.default.removeItem(atPath: path)
    // Neither of them can be read by root either: a loop of links fails in open(2), a directory in read(2).
    if failsAtOpen {
      try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path)
    } else {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }
    let error = try #require(throws: AddressFile.Unreadable.self) { try file().read() }
    let cause = String(cString: strerror(failsAtOpen ? ELOOP : EISDIR))
    #expect(error.description == "\(path): \(cause)")
    #expect(try file().write(people) == error.description)
    #expect(!FileManager.default.fileExists(atPath: path + ".new"))
  }

  @Test("are told of where they cannot be kept")
  func unwritable() throws {
    let people = try Self.people(["ann@example.net": .admin])
    #expect(PeopleFile(of: try JID("cam@example.net"), in: nil).write(people) != nil)
    let cause = PeopleFile(of: try JID("cam@example.net"), in: "/proc/nowhere").write(people)
    #expect(cause?.hasPrefix("/proc/nowhere/admins-of-cam@example.net: ") == true)
  }
}
