import NIOPosix
import Network
import TestSupport
import Testing
import XMPP

@testable import Account

@Suite("An account of an internationalized domain")
struct InternationalizedAccountTests {
  static let loop = MultiThreadedEventLoopGroup.singleton.next()

  private static func connect(
    _ jid: String, to port: Int, isDirectTLS: Bool = false, caFile: String? = nil
  ) async throws -> XMPPClient {
    var configuration = XMPPClient.Configuration(jid: try JID(jid), password: ProsodyServer.password, caFile: caFile)
    configuration.server = ConnectionTarget(host: "127.0.0.1", port: port, isDirectTLS: isDirectTLS)
    return try await XMPPClient.connect(configuration, on: loop, logger: ConnectionTests.logger)
  }

  @Test(
    "logs in where the server has its own name in A-labels, and reaches the people there by either spelling",
    .enabled(if: ProsodyServer.isInstalled), .timeLimit(.minutes(1)))
  func serverInALabels() async throws {
    let server = try await ProsodyServer(
      users: ["lobby", "ann"], hostOptions: ProsodyServer.explicitCertificate, domain: "xn--bcher-kva.test",
      certificateName: "xn--bcher-kva.test")
    defer { server.stop() }
    let lobby = try await Self.connect("lobby@b\u{FC}cher.test/hall", to: server.port, caFile: server.caFile)
    let ann = try await Self.connect(
      "ann@b\u{FC}cher.test/desk", to: server.directPort, isDirectTLS: true, caFile: server.caFile)
    #expect(lobby.jid.description == "lobby@xn--bcher-kva.test/hall")
    for domain in ["b\u{FC}cher.test", "xn--bcher-kva.test"] {
      lobby.send(
        XMLElement(
          "message", namespace: Namespace.client,
          attributes: ["to": "ann@\(domain)/desk", "type": "chat", "id": domain]))
    }
    var received: [String?] = []
    for await stanza in ann.stanzas where stanza.is("message", Namespace.client) {
      #expect(stanza.from == lobby.jid)
      received.append(stanza["id"])
      if received.count == 2 { break }
    }
    #expect(received == ["b\u{FC}cher.test", "xn--bcher-kva.test"])
    await lobby.close()
    await ann.close()
  }

  @Test(
    "asks a server that does not know the domain once in each of its spellings, and no other", .timeLimit(.minutes(1)),
    arguments: [
      ("lobby@b\u{FC}cher.test", "host-unknown", 2), ("lobby@xn--bcher-kva.test", "host-unknown", 2),
      ("lobby@xmpp.test", "host-unknown", 1), ("lobby@b\u{FC}cher.test", "policy-violation", 1),
    ])
  func unknownHost(jid: String, condition: String, attempts: Int) async throws {
    let refusal = ScriptedXMPPServer.Act.error("<\(condition) xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>")
    let server = try await ScriptedXMPPServer.start([.header: Array(repeating: refusal, count: 5)], on: Self.loop)
    await #expect(throws: XMPPClientError.self) { try await Self.connect(jid, to: server.port) }
    try await server.stop()
    var reached = 0
    for await event in server.events where event == .reached(.header) { reached += 1 }
    #expect(reached == attempts)
  }
}
