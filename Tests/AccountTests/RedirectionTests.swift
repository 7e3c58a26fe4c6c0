import Logging
import NIOCore
import NIOPosix
import TestSupport
import Testing
import XMPP

@testable import Account
@testable import Network

@Suite("Servers that send their clients to another host, RFC 6120 section 4.9.3.19")
struct RedirectionTests {
  static let loop = MultiThreadedEventLoopGroup.singleton.next()
  private static let origin = ConnectionTarget(host: "a.test", port: 5222, isDirectTLS: false)

  // MARK: What is said

  @Test(
    "a host, a port, and an IPv6 address in brackets or without are read",
    arguments: [
      ("b.test", "b.test", nil), ("b.test:5269", "b.test", 5269), ("192.0.2.1:443", "192.0.2.1", 443),
      ("[2001:db8::1]:5222", "2001:db8::1", 5222), ("[2001:db8::1]", "2001:db8::1", nil),
      ("2001:db8::1", "2001:db8::1", nil), ("\n  b.test\t", "b.test", nil),
    ] as [(String, String, Int?)])
  func read(text: String, host: String, port: Int?) throws {
    let redirection = try #require(Redirection(text, from: Self.origin))
    #expect(redirection.host == host && redirection.port == port)
  }

  @Test(
    "what is no host is not followed",
    arguments: [
      "", "  ", "a b", "b.test:0", "b.test:70000", "b.test:x", "xmpp://b.test", "ann@b.test", "b.test/x", "[b.test]:1",
      "[::1", "b.\u{202E}test", String(repeating: "a", count: 2000),
    ])
  func nonsense(text: String) {
    #expect(Redirection(text, from: Self.origin) == nil)
  }

  @Test("TLS begins there as it did here, but where the port says otherwise; without a port it is the same one")
  func targets() async throws {
    func targets(_ text: String, isDirectTLS: Bool, port: Int = 5222) async throws -> [ConnectionTarget] {
      let origin = ConnectionTarget(host: "a.test", port: port, isDirectTLS: isDirectTLS)
      return try await #require(Redirection(text, from: origin)).targets(on: Self.loop)
    }
    for isDirectTLS in [true, false] {
      #expect(
        try await targets("192.0.2.1:7000", isDirectTLS: isDirectTLS)
          == [ConnectionTarget(host: "192.0.2.1", port: 7000, isDirectTLS: isDirectTLS)])
      #expect(
        try await targets("192.0.2.1:5222", isDirectTLS: isDirectTLS)
          == [ConnectionTarget(host: "192.0.2.1", port: 5222, isDirectTLS: false)])
      #expect(
        try await targets("192.0.2.1:5223", isDirectTLS: isDirectTLS)
          == [ConnectionTarget(host: "192.0.2.1", port: 5223, isDirectTLS: true)])
      #expect(
        try await targets("[2001:db8::1]", isDirectTLS: isDirectTLS, port: 8443)
          == [ConnectionTarget(host: "2001:db8::1", port: 8443, isDirectTLS: isDirectTLS)])
    }
  }

  @Test("no more than five are followed, none to where we were, each place once, and those that were left come after")
  func bounds() {
    func target(_ host: String) -> ConnectionTarget { ConnectionTarget(host: host, port: 5222) }
    var targets = ConnectionTargets([target("a"), target("z")])
    #expect(targets.next() == target("a"))
    var followed = 0
    while targets.redirect(from: target("a"), to: [target("b\(followed)")]) {
      #expect(targets.next() == target("b\(followed)"))
      followed += 1
    }
    #expect(followed == ConnectionTargets.maximumRedirections)
    #expect(targets.next() == target("z") && targets.next() == nil)
    var circle = ConnectionTargets([target("a")])
    _ = circle.next()
    #expect(circle.redirect(from: target("a"), to: [target("b")]) && circle.next() == target("b"))
    var twice = ConnectionTargets([target("a"), target("a")])
    #expect(twice.next() == target("a") && twice.next() == nil)
    let isFollowedBack = circle.redirect(from: target("b"), to: [target("a")])
    #expect(!isFollowedBack && circle.next() == nil)
  }

  // MARK: What is done

  private let authority: AccountConnectionTests.Authority

  init() throws { authority = try .init() }

  private func configuration(_ server: ScriptedXMPPServer) throws -> XMPPClient.Configuration {
    XMPPClient.Configuration(
      jid: try JID("lobby@xmpp.test"), password: "secret", server: ("127.0.0.1", server.port), caFile: authority.file)
  }

  private func connect(_ server: ScriptedXMPPServer) async throws -> XMPPClient {
    try await XMPPClient.connect(configuration(server), on: Self.loop, logger: ConnectionTests.logger)
  }

  @Test(
    "the other host takes us, at whatever stage of the login it is named", .timeLimit(.minutes(1)),
    arguments: [ScriptedXMPPServer.Stage.header, .sasl, .bind])
  func followed(at stage: ScriptedXMPPServer.Stage) async throws {
    let other = try await ScriptedXMPPServer.start(on: Self.loop)
    let server = try await ScriptedXMPPServer.start([stage: [.redirect(to: "127.0.0.1:\(other.port)")]], on: Self.loop)
    let client = try await connect(server)
    await other.wait(for: .reached(.online))
    await client.close()
    try await server.stop()
    try await other.stop()
  }

  @Test("the other host must have the domain's certificate, and else learns no password", .timeLimit(.minutes(1)))
  func impostor() async throws {
    let other = try await ScriptedXMPPServer.start(certificate: .otherName, on: Self.loop)
    let server = try await ScriptedXMPPServer.start(
      [.header: [.redirect(to: "127.0.0.1:\(other.port)")]], on: Self.loop)
    let error = await #expect(throws: XMPPClientError.self) { try await connect(server) }
    #expect(error?.kind == .protocolViolation && error?.description.contains("other.test") == true)
    #expect(!other.wasTrusted)
    try await server.stop()
    try await other.stop()
  }

  @Test("two that send us to each other are left alone, and told of", .timeLimit(.minutes(1)))
  func circle() async throws {
    let first = try await ScriptedXMPPServer.start(on: Self.loop)
    let second = try await ScriptedXMPPServer.start(
      [.header: [.redirect(to: "127.0.0.1:\(first.port)")]], on: Self.loop)
    first.add(.redirect(to: "127.0.0.1:\(second.port)"), at: .header)
    let error = await #expect(throws: XMPPClientError.self) { try await connect(first) }
    #expect(error == .circularRedirection("xmpp.test", from: .init(host: "127.0.0.1", port: second.port)))
    try await first.stop()
    try await second.stop()
  }

  @Test("where nobody is at the other host, the message names it and who sent us there", .timeLimit(.minutes(1)))
  func unreachable() async throws {
    let server = try await ScriptedXMPPServer.start([.header: [.redirect(to: "127.0.0.1:9")]], on: Self.loop)
    let error = try #require(await #expect(throws: XMPPClientError.self) { try await connect(server) })
    #expect(error.kind == .unreachable)
    #expect(error.description.contains("127.0.0.1:9 ") && error.description.contains("127.0.0.1:\(server.port) "))
    try await server.stop()
  }

  @Test("one that ends a stream by it is followed once, and then it is where it was", .timeLimit(.minutes(1)))
  func later() async throws {
    let shutdown = ScriptedXMPPServer.Act.error("<system-shutdown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>")
    let other = try await ScriptedXMPPServer.start([.online: [shutdown]], on: Self.loop)
    let server = try await ScriptedXMPPServer.start(
      [.online: [.redirect(to: "127.0.0.1:\(other.port)")]], on: Self.loop)
    let connection = AccountConnection(
      try configuration(server), isPersistent: true, on: Self.loop, logger: ConnectionTests.logger)
    for host in [server, other] {
      let client = try #require(try await connection.next())
      await host.wait(for: .reached(.online))
      for await _ in client.stanzas {}
    }
    _ = try await connection.next()
    await server.wait(for: .reached(.online))
    await connection.stop()
    try await server.stop()
    try await other.stop()
  }
}
