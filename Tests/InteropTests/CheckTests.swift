import Foundation
import Testing

/// Against a real Prosody and a real coturn, which here is on this very machine: without NAT.
@Suite("jinglecam check", .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct CheckTests {
  private let world: World
  private let turnPassword: String

  init() throws {
    world = try World.current()
    turnPassword = try String(contentsOfFile: world.turnPasswordFile, encoding: .utf8)
  }

  private func start(_ options: [String], password: String? = nil, launcher: [String] = []) throws -> Program {
    let command = launcher + [Call.jinglecam, "check", "--json", "--ca-file", world.caFile] + options
    return try Program(
      command[0], Array(command.dropFirst()),
      environment: [
        "JINGLECAM_TURN_USERNAME": world.turnUsername, "JINGLECAM_TURN_PASSWORD": password ?? turnPassword,
      ])
  }

  private func check(_ options: [String], password: String? = nil, launcher: [String] = []) async throws -> CheckEvents
  {
    try await CheckEvents(start(options, password: password, launcher: launcher))
  }

  private func account(changes: [String: String] = [:]) throws -> [String] {
    let pair = try world.pair()
    let options = ["--jid": pair.camera, "--password-file": world.passwordFile, "--server": world.server]
    return options.merging(changes) { $1 }.flatMap { [$0.key, $0.value] }
  }

  @Test(
    "each way to coturn gives an allocation, and 200 packets come back through it", arguments: TURNTests.Way.allCases)
  func ways(_ way: TURNTests.Way) async throws {
    // A machine without IPv6 has nothing to show here; on CI there is loopback's.
    guard world.hasIPv6 || !way.needsIPv6 || World.isCI else { return }
    let check = try await check(["--turn", way.uri(world)])
    // localhost may have both addresses.
    let family = way.needsIPv6 ? "IPv6" : "IPv4"
    let allocation = try #require(check.way("turn", way.relayProtocol, family))
    #expect(allocation.error == nil && allocation.relayedAddress?.hasPrefix("127.0.0.1:") == true)
    let relay = try #require(check.way("relay", way.relayProtocol, family))
    #expect(relay.error == nil && relay.packetsSent == 200 && relay.largestPayload == 1_472)
    // A machine under load may lose one.
    #expect((relay.packetsReceived ?? 0) > 150)
    // By TLS alone nothing is learned of UDP.
    let verdict = way.relayProtocol == "tls" ? "relay" : "direct"
    #expect(check.verdict?.verdict == verdict && check.verdict?.isPrediction == true)
    #expect(check.end.code == (verdict == "relay" ? 10 : 0))
  }

  @Test("with an account the XMPP server's services are asked, and no secret is printed")
  func services() async throws {
    let check = try await check(account())
    #expect(check.of("login").count == 1)
    #expect(check.way("turn", "udp")?.error == nil && check.way("turn", "tcp")?.error == nil)
    #expect(check.way("turn", "tls")?.error == nil && check.way("relay", "tls") != nil)
    #expect(check.of("stun").contains { $0.mappedAddress?.hasPrefix("127.0.0.1:") == true })
    #expect(check.end.code == 0)
    let password = try String(contentsOfFile: world.passwordFile, encoding: .utf8)
    #expect(check.end.lines.allSatisfy { !$0.contains(password) && !$0.contains("password\":") })
  }

  @Test("coturn's second address tells how the NAT maps and filters: here is none")
  func behavior() async throws {
    let check = try await check(["--stun", "stun:127.0.0.1:\(world.turnPort)"])
    let nat = try #require(check.of("nat").first)
    #expect(nat.method == "rfc5780" && nat.mapping == "endpoint-independent" && nat.filtering == "endpoint-independent")
    #expect(check.end.code == 0)
  }

  @Test("credentials that coturn refuses end with 12 and its 401")
  func refused() async throws {
    let wrong = try await check(["--turn", "turn:127.0.0.1:\(world.turnPort)"], password: "wrong")
    #expect(wrong.end.code == 12 && wrong.verdict?.status == 12)
    let error = try #require(wrong.way("turn", "udp")?.error)
    #expect(error.code == 401 && error.stage == "allocate")
    #expect(wrong.end.lines.allSatisfy { !$0.contains(world.turnUsername) })
  }

  @Test("a dead port is named with what the system says, over each transport, and ends with 11")
  func deadPort() async throws {
    // Port 9, discard, which nothing serves on loopback.
    let uris = ["turn:127.0.0.1:9", "turn:127.0.0.1:9?transport=tcp", "turns:127.0.0.1:9"]
    let check = try await check(uris.flatMap { ["--turn", $0] })
    for transport in ["udp", "tcp", "tls"] {
      #expect(check.way("turn", transport)?.error?.text == "Connection refused")
    }
    #expect(check.end.code == 11 && check.verdict?.verdict == "none")
    #expect(check.verdict?.advice?.contains("Connection refused") == true)
  }

  @Test("servers that are silent on every way end with 11, within the 30 s that a check may take")
  func silence() async throws {
    let port = try SilentPort()
    let host = "127.0.0.1:\(port.number)"
    let uris = ["turn:\(host)", "turn:\(host)?transport=tcp", "turns:\(host)"].flatMap { ["--turn", $0] }
    let check = try await check(
      uris + ["--stun", "stun:\(host)"], launcher: ["/usr/bin/timeout", "--foreground", "30"])
    #expect(check.end.code == 11)
    #expect(check.way("turn", "udp")?.error == .init(stage: "challenge", code: nil, text: "no response"))
    #expect(check.way("turn", "tcp")?.error == .init(stage: "challenge", code: nil, text: "no response"))
    #expect(check.way("turn", "tls")?.error == .init(stage: "connect", code: nil, text: "no response"))
  }

  @Test("an XMPP server that is silent ends with 69, within the 30 s too")
  func silentXMPP() async throws {
    let port = try SilentPort()
    let check = try await check(
      account(changes: ["--server": "127.0.0.1:\(port.number)"]),
      launcher: ["/usr/bin/timeout", "--foreground", "30"])
    #expect(check.end.code == 69 && check.of("error").first?.status == 69)
  }

  @Test("a certificate for another name is no way")
  func otherName() async throws {
    // The resolver takes this for 127.0.0.1, the certificate does not.
    let check = try await check(["--turn", "turns:127.1:\(world.turnsPort)"])
    #expect(check.way("turn", "tls")?.error?.text == "the server's certificate is for another name")
  }

  @Test("--ice-policy relay asks no STUN server, and a relay that works ends with 10")
  func relayPolicy() async throws {
    let check = try await check(["--turn", "turn:127.0.0.1:\(world.turnPort)", "--ice-policy", "relay"])
    #expect(check.end.code == 10 && check.of("stun").isEmpty && check.of("nat").isEmpty)
  }

  @Test("--every checks again until Ctrl-C, and ends as the last check did")
  func every() async throws {
    let program = try start(["--stun", "stun:127.0.0.1:\(world.turnPort)", "--every", "0.1"])
    for _ in 0..<2 { try await program.line(containing: #""type":"verdict""#) }
    program.interrupt()
    #expect(try await program.end().code == 0)
  }

  @Test("a refused login ends with 77, an XMPP server that is not there with 69, a senseless command line with 64")
  func refusals() async throws {
    let password = try await check(account(changes: ["--password-file": world.wrongPasswordFile]))
    #expect(password.end.code == 77 && password.of("error").first?.status == 77)
    let unreachable = try await check(account(changes: ["--server": "127.0.0.1:9"]))
    #expect(unreachable.end.code == 69)
    for options in [
      [], ["--stun", "http://a"], ["--turn", "turn:"], ["--stun", "stun:a", "--every", "0"], ["--jid", "@"],
    ] {
      let usage = try await check(options)
      #expect(usage.end.code == 64 && usage.end.messages.count == 1, "\(options)")
    }
  }
}
