import Account
import Foundation
import NIOPosix
import Network
import Settings
import Studio
import TestSupport
import Testing
import XMPP

@testable import Server

@Suite("Those who are allowed by chat", .timeLimit(.minutes(1)))
struct AllowedPeopleTests {
  private let directory = FileManager.default.temporaryDirectory.appending(path: "jinglecam-\(UUID().uuidString)")
  private let log = LogCollector()
  private let (cam, ann, bob): (JID, JID, JID)

  init() throws {
    (cam, ann, bob) = (try JID("cam@example.org"), try JID("ann@example.net"), try JID("bob@example.net"))
  }

  private var file: PeopleFile { PeopleFile(of: cam, in: directory.path) }
  private var adminsPath: String { directory.appending(path: "admins-of-cam@example.org").path }

  /// Of an account that is never logged in to.
  private func server(_ access: AccessList = AccessList()) -> CameraServer {
    let configuration = ServeConfiguration(
      account: Account(jid: cam, passwordFile: nil, server: nil, caFile: nil),
      video: VideoConfiguration(source: "pattern", limits: .init(maximumBitrate: 200_000)),
      connectivity: ConnectivityConfiguration(), access: access)
    return CameraServer(
      configuration, AllowedPeople(in: file), password: "secret", on: MultiThreadedEventLoopGroup.singleton.next(),
      output: ServeOutput(logger: log.logger, reporter: nil, linesLost: { 0 }))
  }

  private func everybody(as role: AccessList.Role) -> AccessList {
    var access = AccessList()
    access.allow(ann.server, as: role)
    return access
  }

  /// What root cannot write either.
  private func makeUnwritable() throws {
    try FileManager.default.createDirectory(atPath: adminsPath + ".new", withIntermediateDirectories: true)
  }

  @Test("are nobody at first, for whom there is a code")
  func first() async {
    defer { try? FileManager.default.removeItem(at: directory) }
    let server = server()
    await server.offerPairing()
    #expect(await server.people.pairing != nil)
    #expect(log.lines.count == 1 && log.lines[0].contains("code="))
  }

  @Test("if they cannot be read, there is a line for it and no code, and what is allowed then does not replace them")
  func unreadable() async throws {
    defer { try? FileManager.default.removeItem(at: directory) }
    try FileManager.default.createDirectory(atPath: adminsPath, withIntermediateDirectories: true)
    let server = server()
    await server.offerPairing()
    #expect(await server.people.pairing == nil)
    #expect(log.lines.count == 1 && log.lines[0].contains("cause=\(String(cString: strerror(EISDIR)))"))
    // As after a shortage of descriptors, which has passed.
    try FileManager.default.removeItem(atPath: adminsPath)
    #expect(file.write([ann: .admin]) == nil)
    #expect(try await server.allow("\(bob)").contains("holds until the camera is restarted"))
    #expect(try file.read() == [ann: .admin])
  }

  @Test("an admin whose domain the settings allow is told to be none any more, and whether that is saved")
  func demoted() async throws {
    defer { try? FileManager.default.removeItem(at: directory) }
    #expect(file.write([ann: .admin]) == nil)
    let server = server(everybody(as: .viewer))
    let answer = try await server.forbid("\(ann)", by: bob)
    #expect(answer == "\(ann) is no longer an admin; the settings still allow everybody at \(ann.domain).")
    #expect(await server.access.role(of: ann) == .viewer)
    #expect(try file.read().isEmpty)
  }

  @Test("who loses nothing by it is told to be allowed by the settings, and that the change cannot be saved")
  func unsaved() async throws {
    defer { try? FileManager.default.removeItem(at: directory) }
    #expect(file.write([ann: .admin]) == nil)
    try makeUnwritable()
    let server = server(everybody(as: .admin))
    let answer = try await server.forbid("\(ann)", by: bob)
    #expect(answer.hasPrefix("\(ann) is no longer allowed by chat; the settings still allow everybody at "))
    #expect(answer.hasSuffix("holds until the camera is restarted."))
  }

  @Test("whom no chat allowed is removed in the settings only")
  func refused() async throws {
    let server = server(everybody(as: .viewer))
    let refusal = CommandRefusal("the settings allow everybody at \(ann.domain): remove it there")
    await #expect(throws: refusal) { try await server.forbid("\(ann)", by: bob) }
  }
}
