import ICE
import NIOCore
import NIOPosix
import Testing

@testable import Network

/// What real sockets bring that virtual ones cannot; real servers are in InteropTests.
@Suite("A probe over real sockets")
struct ProbeEngineTests {
  private static func loopback(_ port: Int) throws -> SocketAddress {
    try SocketAddress(ipAddress: "127.0.0.1", port: port)
  }

  /// A socket that answers nothing.
  private static func silence() async throws -> any Channel {
    try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(host: "127.0.0.1", port: 0).get()
  }

  private static func allocation(
    _ relayProtocol: RelayProtocol, at address: SocketAddress, end: NIODeadline = .now() + .seconds(60)
  ) async throws -> AllocationFinding? {
    let server = ICEServer(
      kind: .turn(TURNCredentials(username: "u", password: "p")), address: address, relayProtocol: relayProtocol,
      name: "localhost", url: "turn:test")
    let probe = TURNProbe(server: server, relaxed: false, generator: SystemRandomNumberGenerator())
    let findings = await probe.run(
      from: try loopback(0), until: end, on: MultiThreadedEventLoopGroup.singleton.next(), caFile: nil,
      onFinding: { _ in })
    guard case .allocation(let finding)? = findings.first else { return nil }
    return finding
  }

  @Test("a dead port is told of at once, over TCP and by ICMP over UDP", .timeLimit(.minutes(1)))
  func refused() async throws {
    // Port 9, discard, which nothing serves on loopback.
    for relayProtocol in [RelayProtocol.udp, .tcp] {
      let finding = try await Self.allocation(relayProtocol, at: Self.loopback(9))
      #expect(finding?.error == .disconnected("Connection refused"))
    }
  }

  @Test("nothing goes on beyond the end that is set, and what was found by then is told", .timeLimit(.minutes(1)))
  func end() async throws {
    let server = try await Self.silence()
    let finding = try await Self.allocation(.udp, at: #require(server.localAddress), end: .now())
    #expect(finding?.error == .timeout && (finding?.duration ?? .hours(1)) < TURNProbe.patience)
    try await server.close()
  }

  @Test("a cancelled task ends the probe", .timeLimit(.minutes(1)))
  func cancelled() async throws {
    let server = try await Self.silence()
    let address = try #require(server.localAddress)
    let task = Task { try await Self.allocation(.udp, at: address) }
    task.cancel()
    #expect(try await task.value?.error == .timeout)
    try await server.close()
  }

  @Test("where the system refuses a socket, its words are the finding", .timeLimit(.minutes(1)))
  func impossible() async throws {
    // From loopback nothing leads there: EINVAL, or ENETUNREACH where there is no route at all.
    let finding = try await Self.allocation(.udp, at: SocketAddress(ipAddress: "192.0.2.1", port: 3478))
    guard case .disconnected(let reason)? = finding?.error else {
      Issue.record("\(String(describing: finding))")
      return
    }
    #expect(["Invalid argument", "Network is unreachable"].contains(reason))
  }

  @Test("where the system does not send a datagram, its words are the finding", .timeLimit(.minutes(1)))
  func unsendable() async throws {
    // A socket must ask before it may send to everybody.
    let probe = STUNProbe(
      servers: [try SocketAddress(ipAddress: "255.255.255.255", port: 3478)], generator: SystemRandomNumberGenerator())
    let findings = await probe.run(
      from: try Self.loopback(0), until: .now() + .seconds(60), on: MultiThreadedEventLoopGroup.singleton.next(),
      caFile: nil, onFinding: { _ in })
    #expect(findings.map(\.error) == [.disconnected("Permission denied")])
  }

  @Test("the way to loopback is from loopback")
  func route() throws {
    #expect(try Route.source(to: Self.loopback(9)).ipAddress == "127.0.0.1")
    // Broadcast, which connect(2) refuses to a socket that did not ask for it.
    let everybody = try SocketAddress(ipAddress: "255.255.255.255", port: 9)
    #expect(throws: Route.Failure.self) { try Route.source(to: everybody) }
  }
}
