import Foundation
import Logging
import TestSupport
import Testing
import XMPP

@testable import Server

@Suite("Those whom the camera let in")
struct ApprovedSubscribersTests {
  private static let account = "cam@example.net/x"
  private let directory = FileManager.default.temporaryDirectory.appending(path: "jinglecam-\(UUID().uuidString)")

  private func subscribers(
    of account: String = account, in directory: String?, _ log: LogCollector = LogCollector()
  ) throws -> ApprovedSubscribers {
    ApprovedSubscribers(of: try JID(account), in: directory, logger: log.logger)
  }

  private func jids(_ texts: String...) throws -> Set<JID> { Set(try texts.map { try JID($0) }) }

  @Test("are known again after a restart, by account, and to nobody else")
  func restart() async throws {
    defer { try? FileManager.default.removeItem(at: directory) }
    let state = directory.appending(path: "state/jinglecam")
    let subscribers = try subscribers(in: state.path)
    #expect(await subscribers.all.isEmpty)
    let new = await subscribers.insert(try jids("ann@example.net/phone", "bob@example.net", "bücher@example.net"))
    #expect(new == (try jids("ann@example.net", "bob@example.net", "bücher@example.net")))
    await subscribers.remove(try jids("bob@example.net"))
    #expect(await subscribers.all == (try jids("ann@example.net", "bücher@example.net")))
    let again = try self.subscribers(of: "Cam@example.net/y", in: state.path)
    #expect(await again.all == (try jids("ann@example.net", "bücher@example.net")))
    let newAgain = await again.insert(try jids("ann@example.net", "bob@example.net"))
    #expect(newAgain == (try jids("bob@example.net")))
    #expect(await (try self.subscribers(of: "other@example.net", in: state.path)).all.isEmpty)
    for (path, mode) in [("", 0o700), ("subscribers-of-cam@example.net", 0o600)] {
      let attributes = try FileManager.default.attributesOfItem(atPath: state.appending(path: path).path)
      #expect(attributes[.posixPermissions] as? Int == mode)
    }
  }

  @Test("are known until the end where nothing can be kept, which is told once")
  func withoutDirectory() async throws {
    for (directory, lines) in [(nil, 0), ("/proc/nowhere", 1)] as [(String?, Int)] {
      let log = LogCollector()
      let subscribers = try subscribers(in: directory, log)
      await subscribers.insert(try jids("ann@example.net"))
      await subscribers.insert(try jids("bob@example.net"))
      #expect(await subscribers.all == (try jids("ann@example.net", "bob@example.net")))
      #expect(log.lines.count == lines)
    }
  }

  @Test("are what a damaged file still tells")
  func damaged() async throws {
    defer { try? FileManager.default.removeItem(at: directory) }
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    try Data("ann@example.net\n\n@@\n\u{0}\nbob@example.net".utf8 + [0xff, 0x0a]).write(
      to: directory.appending(path: "subscribers-of-cam@example.net"))
    #expect(await (try subscribers(in: directory.path)).all.contains(try JID("ann@example.net")))
  }

  @Test("are not saved over a file that cannot be read, which is told once")
  func unreadable() async throws {
    defer { try? FileManager.default.removeItem(at: directory) }
    let path = directory.appending(path: "subscribers-of-cam@example.net").path
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path)
    let log = LogCollector()
    let subscribers = try subscribers(in: directory.path, log)
    await subscribers.insert(try jids("ann@example.net"))
    await subscribers.insert(try jids("bob@example.net"))
    #expect(await subscribers.all == (try jids("ann@example.net", "bob@example.net")))
    #expect(log.lines.count == 1 && log.lines[0].contains(String(cString: strerror(ELOOP))))
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == path)
  }

  @Test("are as many as a roster holds")
  func limit() async throws {
    let subscribers = try subscribers(in: nil)
    await subscribers.insert(Set(try (0..<Roster.limit).map { try JID("user\($0)@example.net") }))
    await subscribers.insert(try jids("one-more@example.net"))
    #expect(await subscribers.all.count == Roster.limit)
  }
}
