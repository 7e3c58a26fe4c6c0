import Logging
import NIOCore
import TestSupport
import Testing
import XMPP

@testable import Account

@Suite("Resumption of a stream against a real Prosody, XEP-0198", .enabled(if: ProsodyServer.isInstalled), .serialized)
struct ResumptionTests {
  static let loop = XMPPClientTests.loop

  func connect(
    _ user: String, port: Int, _ server: ProsodyServer, isResumable: Bool = true, _ resumption: Resumption? = nil
  ) async throws -> XMPPClient {
    var configuration = XMPPClient.Configuration(
      jid: try JID("\(user)@\(ProsodyServer.domain)"), password: ProsodyServer.password, server: ("127.0.0.1", port),
      caFile: server.caFile)
    configuration.isResumable = isResumable
    configuration.resumption = resumption
    return try await XMPPClient.connect(configuration, on: Self.loop, logger: XMPPClientTests.logger)
  }

  func stanza(_ name: String, _ id: String, to jid: JID) -> XMLElement {
    XMLElement(name, namespace: Namespace.client, attributes: ["id": id, "to": jid.description])
  }

  /// Everything that comes from `sender`, up to the stanza of that id.
  func ids(_ client: XMPPClient, from sender: JID, through last: String) async -> [String?] {
    var ids: [String?] = []
    for await stanza in client.stanzas where stanza.from == sender {
      ids.append(stanza["id"] ?? stanza["type"])
      if stanza["id"] == last { break }
    }
    return ids
  }

  func resumption(_ client: XMPPClient) async throws -> Resumption? {
    for await _ in client.stanzas {}
    return try await Self.loop.submit { client.resumption(now: .now()) }.get()
  }

  @Test(
    "a cut connection costs neither the address nor a stanza, each way, and nobody sees us leave",
    .timeLimit(.minutes(1)))
  func cut() async throws {
    let server = try await ProsodyServer(users: ["cam", "ann"])
    defer { server.stop() }
    let relay = try await TCPRelay.start(to: server.port, on: Self.loop)
    let cam = try await connect("cam", port: relay.port, server)
    let ann = try await connect("ann", port: server.port, server, isResumable: false)
    // Whoever had our presence is told where we go (RFC 6121 section 4.6.3).
    cam.send(stanza("presence", "p", to: ann.jid))
    #expect(await ids(ann, from: cam.jid, through: "p") == ["p"])
    // The server answers in order: by then it has let the stream be resumed.
    _ = await cam.externalServices()

    await relay.swallow()
    cam.send(stanza("message", "m1", to: ann.jid))
    ann.send(stanza("message", "m2", to: cam.jid))
    var directions: Set<TCPRelay.Direction> = []
    for await direction in relay.swallowed {
      directions.insert(direction)
      if directions.count == 2 { break }
    }
    await relay.cut()
    var left = try #require(try await resumption(cam))
    #expect(left.isPossible(now: .now()))
    ann.send(stanza("message", "m3", to: cam.jid))
    let isKept = left.keep(stanza("message", "m4", to: ann.jid))
    #expect(isKept)

    let again = try await connect("cam", port: relay.port, server, left)
    #expect(again.isResumed && again.jid == cam.jid && again.lost.isEmpty)
    left.pending(isResumed: again.isResumed, jid: again.jid, lost: again.lost).forEach(again.send)
    #expect(await ids(ann, from: cam.jid, through: "m4") == ["m1", "m4"])
    #expect(await ids(again, from: ann.jid, through: "m3") == ["m2", "m3"])
    // Requests and answers go on, under ids that were never used.
    let ping = XMLElement.iq(.get, id: "", to: ann.jid, XMLElement("ping", namespace: Ping.namespace))
    #expect(try await again.request(ping).from == ann.jid)

    await again.close()
    #expect(try await resumption(again) == nil)
    await ann.close()
    try await relay.stop()
  }

  @Test(
    "a stream that the server no longer knows is replaced by a new one, and what may be lost is told",
    .timeLimit(.minutes(1)))
  func forgotten() async throws {
    let server = try await ProsodyServer(users: ["cam", "ann"])
    defer { server.stop() }
    let relay = try await TCPRelay.start(to: server.port, on: Self.loop)
    let cam = try await connect("cam", port: relay.port, server)
    let ann = try JID("ann@\(ProsodyServer.domain)/nowhere")
    _ = await cam.externalServices()
    await relay.swallow()
    cam.send(stanza("message", "m1", to: ann))
    await relay.cut()
    let left = try #require(try await resumption(cam))
    // Its session ends in order, and the server forgets it.
    let second = try await connect("cam", port: relay.port, server, left)
    #expect(second.isResumed)
    await second.close()
    let third = try await connect("cam", port: relay.port, server, left)
    #expect(!third.isResumed && third.lost.map { $0["id"] } == ["m1"])
    await third.close()
    try await relay.stop()
  }
}
