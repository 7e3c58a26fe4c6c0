import Foundation
import Testing
import XMPP

@testable import Account

@Suite("Accounts that had SCRAM")
struct SCRAMAccountsTests {
  @Test("are known in the next run where there is a state directory, once each and in either spelling")
  func remembered() throws {
    let directory = FileManager.default.temporaryDirectory.path + "/jinglecam-state-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let first = SCRAMAccounts(directory: directory)
    let (cam, ann) = (try JID("cam@b\u{FC}cher.example/pi"), try JID("ann@example.org"))
    #expect(!first.contains(cam))
    first.insert(cam)
    first.insert(cam)
    #expect(first.contains(cam.bare) && !first.contains(ann))
    let second = SCRAMAccounts(directory: directory)
    #expect(try second.contains(JID("cam@xn--bcher-kva.example/x")))
    #expect(!second.contains(ann))
    second.insert(ann)
    let file = "\(directory)/scram-accounts"
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "ann@example.org\ncam@b\u{FC}cher.example\n")
    #expect(SCRAMAccounts(directory: directory).contains(ann))
    #expect(second.cure == "remove \(file) and restart jinglecam")
    try FileManager.default.removeItem(atPath: directory)
  }

  @Test("are known while the process runs where there is none, or it cannot be written")
  func forgotten() throws {
    let jid = try JID("cam@example.org")
    for directory in [nil, "/proc/self/nonexistent"] {
      let accounts = SCRAMAccounts(directory: directory)
      accounts.insert(jid)
      #expect(accounts.contains(jid))
      #expect(!SCRAMAccounts(directory: directory).contains(jid))
    }
  }

  @Test("a file that cannot be read is told of and left as it is")
  func unreadable() throws {
    let directory = FileManager.default.temporaryDirectory.path + "/jinglecam-state-\(UUID().uuidString)"
    let path = directory + "/scram-accounts"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path)
    let accounts = SCRAMAccounts(directory: directory)
    let jid = try JID("cam@example.org")
    #expect(accounts.insert(jid)?.path == path)
    #expect(accounts.contains(jid))
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == path)
    try FileManager.default.removeItem(atPath: directory)
  }

  @Test("a file that is damaged tells of those that can still be read")
  func damaged() throws {
    let directory = FileManager.default.temporaryDirectory.path + "/jinglecam-state-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let bytes: [UInt8] = [0xFF, 0xFE] + Array("\n@\n\ncam@example.org\nann@exam".utf8) + [0]
    try Data(bytes).write(to: URL(fileURLWithPath: directory + "/scram-accounts"))
    let accounts = SCRAMAccounts(directory: directory)
    #expect(try accounts.contains(JID("cam@example.org")) && !accounts.contains(JID("ann@exam")))
    try FileManager.default.removeItem(atPath: directory)
  }
}
