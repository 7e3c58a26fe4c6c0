import Account
import Foundation
import Logging
import NIOPosix
import Streamer
import Testing
import XMPP

/// A server that sends at each login what nobody can read.
@Suite(
  "A login that leaves where it is what the server keeps",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct QuietLoginTests {
  private static func connect(
    _ account: String, in world: World, quiet: QuietLogin? = nil
  ) async throws -> XMPPClient {
    let password = try String(contentsOfFile: world.passwordFile, encoding: .utf8)
    let port = try #require(Int(world.server.split(separator: ":").last ?? ""))
    var configuration = XMPPClient.Configuration(
      jid: try JID(account), password: password, server: ("127.0.0.1", port), caFile: world.caFile)
    configuration.session.quiet = quiet
    return try await XMPPClient.connect(
      configuration, on: MultiThreadedEventLoopGroup.singleton.next(),
      logger: Logger(label: account) { _ in SwiftLogNoOpLogHandler() })
  }

  private static func message(_ text: String, to account: String) -> XMLElement {
    XMLElement(
      "message", namespace: "jabber:client", attributes: ["type": "chat", "to": account],
      children: [.element(XMLElement("body", namespace: "jabber:client", children: [.text(text)]))])
  }

  /// What of the stranger reaches a camera that was away when he wrote, and that he writes to again now that it is online.
  private static func heard(on server: World.XMPPServer, isQuiet: Bool) async throws -> [String] {
    let world = try World.current(server)
    let camera = try world.pair().camera
    let stranger = try world.pair().camera
    let writer = try await connect(stranger, in: world)
    writer.send(message("stored", to: camera))
    writer.send(XMLElement("presence", namespace: "jabber:client", attributes: ["type": "subscribe", "to": camera]))
    // Answered in order; ejabberd leaves what it stores to another process.
    _ = await writer.externalServices()
    try await Task.sleep(for: .milliseconds(200))
    let reader = try await connect(camera, in: world, quiet: isQuiet ? QuietLogin(requests: [stranger: false]) : nil)
    // Presence follows the roster, and the server is asked once it has that.
    for _ in 1...2 { _ = await reader.externalServices() }
    writer.send(message("live", to: camera))
    var heard: [String] = []
    for await stanza in reader.stanzas where stanza["from"]?.hasPrefix(stranger) == true {
      heard.append(stanza.first("body", "jabber:client")?.text ?? stanza["type"] ?? "")
      if heard.last == "live" { break }
    }
    await reader.close()
    await writer.close()
    return heard
  }

  @Test(
    "gets neither stored messages nor requests, and what comes live",
    .timeLimit(.minutes(1)), arguments: World.XMPPServer.allCases)
  func quiet(_ server: World.XMPPServer) async throws {
    #expect(try await Self.heard(on: server, isQuiet: true) == ["live"])
  }

  @Test(
    "differs from one that gets all of that: the test can tell",
    .timeLimit(.minutes(1)), arguments: World.XMPPServer.allCases)
  func usual(_ server: World.XMPPServer) async throws {
    #expect(try await Self.heard(on: server, isQuiet: false).sorted() == ["live", "stored", "subscribe"])
  }

  @Test("keeps a camera online, and within reach, that was put off line at each login; whose fault it is is said once")
  func camera() async throws {
    let world = try World.current()
    let camera = try await ServedCamera(pair: world.unreadablePair())
    let said = try await camera.program.line(containing: "cannot be read: from now on it is left")
    #expect(said.contains("from=stranger1@unreadable.jinglecam.test"), "\(said)")
    // Calls the account, which it sees online, and not the device.
    let viewer = try await camera.caller(nil, ["--count-frames", "5"])
    #expect(try await viewer.end().outcome == "hung-up")
    camera.program.interrupt()
    let lines = try await camera.program.success().lines
    #expect(!lines.contains { $0.contains("was lost") || $0.contains("cannot be read") }, "\(lines)")
  }
}
