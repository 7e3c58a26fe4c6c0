import Foundation
import Logging
import NIOCore
import NIOPosix
import TestSupport
import Testing
import XMPP

@testable import Account
@testable import Network

@Suite("The account's connection to its server")
struct AccountConnectionTests {
  static let loop = MultiThreadedEventLoopGroup.singleton.next()

  /// The authority of the certificates in a file, which is gone with this.
  final class Authority: Sendable {
    let file = FileManager.default.temporaryDirectory.path + "/jinglecam-ca-\(UUID().uuidString).pem"

    init() throws { try TestCertificate.authority.write(toFile: file, atomically: true, encoding: .utf8) }

    deinit { try? FileManager.default.removeItem(atPath: file) }
  }

  /// Tells which messages were logged.
  struct Log: LogHandler {
    let messages: AsyncStream<String>.Continuation
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.notice

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let cause = event.metadata?["cause"].map { " \($0)" } ?? ""
      messages.yield("\(event.message)\(cause)")
    }
  }

  private let authority: Authority
  private let log: AsyncStream<String>
  private let logger: Logger

  init() throws {
    authority = try Authority()
    let (log, messages) = AsyncStream.makeStream(of: String.self)
    self.log = log
    logger = Logger(label: "test") { _ in Log(messages: messages) }
  }

  private func connection(
    to port: Int, as jid: String = "lobby@xmpp.test/hall", isPersistent: Bool = true
  ) throws -> AccountConnection {
    let login = XMPPClient.Configuration(
      jid: try JID(jid), password: "secret", server: ("127.0.0.1", port), caFile: authority.file)
    return AccountConnection(login, isPersistent: isPersistent, on: Self.loop, logger: logger)
  }

  // MARK: stop()

  @Test(
    "one that is stopped on its way is closed at once, and never online", .timeLimit(.minutes(1)),
    arguments: ScriptedXMPPServer.Stage.ofLogin)
  func stopped(at stage: ScriptedXMPPServer.Stage) async throws {
    let server = try await ScriptedXMPPServer.start([stage: [.silence]], on: Self.loop)
    let connection = try connection(to: server.port)
    async let client = connection.next()
    await server.wait(for: .reached(stage))
    let asked = ContinuousClock.now
    await connection.stop()
    #expect(try await client == nil)
    #expect(ContinuousClock.now - asked < .seconds(15))
    await server.wait(for: .closed)
    #expect(try await connection.next() == nil)
    try await server.stop()
  }

  @Test("one that is stopped while nobody takes its connection ends at once", .timeLimit(.minutes(1)))
  func stoppedConnecting() async throws {
    let port = try FullPort()
    let connection = try connection(to: port.number)
    async let client = connection.next()
    // The attempt is under way when the loop comes to this.
    try await Self.loop.submit {}.get()
    let asked = ContinuousClock.now
    await connection.stop()
    #expect(try await client == nil)
    #expect(ContinuousClock.now - asked < .seconds(15))
  }

  @Test("one that is stopped in the pause between two attempts ends at once", .timeLimit(.minutes(1)))
  func stoppedInPause() async throws {
    // Port 9 of loopback, where nothing listens.
    let connection = try connection(to: 9)
    async let client = connection.next()
    for await message in log where message.hasPrefix("no connection") { break }
    await connection.stop()
    #expect(try await client == nil)
  }

  @Test("one that is stopped before it began does not begin")
  func stoppedBefore() async throws {
    let connection = try connection(to: 9)
    await connection.stop()
    #expect(try await connection.next() == nil)
  }

  @Test("one that is online ends its stream in order when it is stopped", .timeLimit(.minutes(1)))
  func stoppedOnline() async throws {
    let server = try await ScriptedXMPPServer.start(on: Self.loop)
    let connection = try connection(to: server.port)
    let client = try #require(try await connection.next())
    await connection.stop()
    #expect(await client.closed() == nil)
    #expect(try await connection.next() == nil)
    try await server.stop()
  }

  // MARK: Errors

  @Test("a stream that ends is followed by another under the same address", .timeLimit(.minutes(1)))
  func anew() async throws {
    let shutdown = ScriptedXMPPServer.Act.error("<system-shutdown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>")
    for isPersistent in [true, false] {
      let server = try await ScriptedXMPPServer.start([.online: [shutdown]], on: Self.loop)
      let connection = try connection(to: server.port, as: "lobby@xmpp.test", isPersistent: isPersistent)
      let first = try #require(try await connection.next())
      for await _ in first.stanzas {}
      let second = try #require(try await connection.next())
      #expect(second.jid == first.jid)
      await connection.stop()
      try await server.stop()
    }
  }

  @Test("a stream whose resumption the server counts wrongly is given up for a new one", .timeLimit(.minutes(1)))
  func wrongCount() async throws {
    let server = try await ScriptedXMPPServer.start(isResumable: true, resumedCount: 99, on: Self.loop)
    let relay = try await TCPRelay.start(to: server.port, on: Self.loop)
    let connection = try connection(to: relay.port)
    let first = try #require(try await connection.next())
    // The server answers in order: by then it has let the stream be resumed.
    await first.settled()
    #expect(await first.isResumable())
    await relay.cut()
    for await _ in first.stanzas {}
    let second = try #require(try await connection.next())
    #expect(second.jid == first.jid && !second.isResumed)
    await connection.stop()
    try await relay.stop()
    try await server.stop()
  }

  @Test(
    "whoever is displaced takes another address, and says so in one line", .timeLimit(.minutes(1)),
    arguments: [false, true])
  func displaced(isResumable: Bool) async throws {
    let server = try await ScriptedXMPPServer.start(
      [isResumable ? .resumable : .online: [.conflict]], isResumable: isResumable, on: Self.loop)
    let connection = try connection(to: server.port)
    let first = try #require(try await connection.next())
    #expect(first.jid.resource == "hall")
    for await _ in first.stanzas {}
    let second = try #require(try await connection.next())
    #expect(second.jid.resource?.hasPrefix("jinglecam.") == true)
    await connection.stop()
    try await server.stop()
    var lines: [String] = []
    for await line in log {
      lines.append(line)
      if lines.count == 3 { break }
    }
    #expect(lines[0] == "online" && lines[2] == "online")
    #expect(lines[1].contains("another client logged in as lobby@xmpp.test/hall"), "\(lines)")
  }

  @Test("whoever is displaced twice leaves the account to the other for a while", .timeLimit(.minutes(1)))
  func displacedTwice() async throws {
    let server = try await ScriptedXMPPServer.start([.online: [.conflict, .conflict]], on: Self.loop)
    let connection = try connection(to: server.port)
    for _ in 0..<2 {
      let client = try #require(try await connection.next())
      for await _ in client.stanzas {}
    }
    async let third = connection.next()
    // After anything but a conflict it is back within 1.25 s.
    try await Self.loop.wait(.seconds(2))
    await connection.stop()
    #expect(try await third == nil)
    try await server.stop()
  }

  @Test("a command of one call does not go on under another address", .timeLimit(.minutes(1)))
  func displacedOnce() async throws {
    let server = try await ScriptedXMPPServer.start([.online: [.conflict]], on: Self.loop)
    let connection = try connection(to: server.port, isPersistent: false)
    let client = try #require(try await connection.next())
    for await _ in client.stanzas {}
    let error = await #expect(throws: XMPPClientError.self) { try await connection.next() }
    #expect(error?.circumstance == .conflict)
    await connection.stop()
    try await server.stop()
  }

  @Test("what cannot pass is the end of one that never was online, and of one that is not persistent")
  func final() async throws {
    let server = try await ScriptedXMPPServer.start(certificate: .otherName, on: Self.loop)
    for isPersistent in [true, false] {
      let connection = try connection(to: server.port, isPersistent: isPersistent)
      let error = await #expect(throws: XMPPClientError.self) { try await connection.next() }
      #expect(error?.kind == .protocolViolation)
    }
    let once = try connection(to: 9, isPersistent: false)
    let error = await #expect(throws: XMPPClientError.self) { try await once.next() }
    #expect(error?.kind == .unreachable)
    try await server.stop()
  }
}
