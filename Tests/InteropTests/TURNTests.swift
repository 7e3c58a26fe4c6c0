import Foundation
import Testing

/// Through coturn by each way that leads to it, from a server of the user's own: the XMPP server here names none.
@Suite(
  "jinglecam stream through a real TURN server",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct TURNTests {
  /// A way to coturn.
  enum Way: String, CaseIterable {
    case udp, tcp, tls, udpOverIPv6, tlsOverIPv6

    func uri(_ world: World) -> String {
      switch self {
      case .udp: "turn:127.0.0.1:\(world.turnPort)"
      case .tcp: "turn:127.0.0.1:\(world.turnPort)?transport=tcp"
      case .tls: "turns:localhost:\(world.turnsPort)"
      case .udpOverIPv6: "turn:[::1]:\(world.turnPort)"
      case .tlsOverIPv6: "turns:[::1]:\(world.turnsPort)"
      }
    }

    var relayProtocol: String {
      switch self {
      case .udp, .udpOverIPv6: "udp"
      case .tcp: "tcp"
      case .tls, .tlsOverIPv6: "tls"
      }
    }

    var needsIPv6: Bool { self == .udpOverIPv6 || self == .tlsOverIPv6 }
  }

  private func stream(_ call: Call, _ uri: String, _ more: [String] = []) throws -> Program {
    let password = try String(contentsOfFile: call.world.turnPasswordFile, encoding: .utf8)
    return try call.stream(
      "pattern", changes: ["--ice-policy": "relay", "--turn": uri], more,
      environment: ["JINGLECAM_TURN_USERNAME": call.world.turnUsername, "JINGLECAM_TURN_PASSWORD": password])
  }

  @Test("--turn takes a server of the user's own, and the picture arrives", arguments: Way.allCases)
  func ways(_ way: Way) async throws {
    let call = try Call(hasTURN: false)
    // A machine without IPv6 has nothing to show here; on CI there is loopback's.
    guard call.world.hasIPv6 || !way.needsIPv6 || World.isCI else { return }
    let viewer = try await call.viewer(["--count-frames", "25"])
    let stream = try stream(call, way.uri(call.world))
    let end = try await stream.success()
    #expect(end.lines.last?.contains(#""relayProtocol":"\#(way.relayProtocol)""#) == true, "\(end.lines.last ?? "")")
    let seen = try await viewer.end()
    #expect(seen.path == .init(local: "host", remote: "relay"))
  }

  @Test("a server whose certificate is for another name is not used")
  func otherName() async throws {
    let call = try Call(hasTURN: false)
    let viewer = try await call.viewer(["--no-answer"])
    // The resolver takes this for 127.0.0.1, the certificate does not.
    let stream = try stream(call, "turns:127.1:\(call.world.turnsPort)", ["--log-level", "notice"])
    try await stream.line(containing: "the server's certificate is for another name")
    try await expectNoRelay(stream, viewer)
  }

  @Test("wrong credentials are told of as such")
  func wrongCredentials() async throws {
    let call = try Call(hasTURN: false)
    let viewer = try await call.viewer(["--no-answer"])
    let stream = try call.stream(
      "pattern", changes: ["--ice-policy": "relay", "--turn": Way.tcp.uri(call.world)], ["--log-level", "notice"],
      environment: ["JINGLECAM_TURN_USERNAME": call.world.turnUsername, "JINGLECAM_TURN_PASSWORD": "wrong"])
    try await stream.line(containing: "401 the credentials are wrong or have expired")
    try await expectNoRelay(stream, viewer)
  }

  /// Without a relay it ends by itself, as soon as that is known: the viewer may or may not have heard of the call.
  private func expectNoRelay(_ stream: Program, _ viewer: Viewer) async throws {
    #expect(try await stream.end().code == 69)
    viewer.interrupt()
    _ = try? await viewer.summary()
  }
}
