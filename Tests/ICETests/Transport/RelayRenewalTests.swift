import ICE
import NIOCore
import TestSupport
import Testing

@Suite("Relays whose server is restarted")
struct RelayRenewalTests {
  /// A call through the caller's relay alone, which restarts ICE when the path is lost, as `MediaTransport` does.
  private static func run(_ call: ICECall, for time: TimeAmount) {
    let end = call.network.now + time
    while call.network.now < end {
      let wasLost = call.caller.transport.state == .disconnected
      call.network.run(until: min(call.network.now + .seconds(1), end))
      if !wasLost, call.caller.transport.state == .disconnected { call.restart(call.caller) }
    }
  }

  @Test(
    "nightly restarts of the server do not end the call, even if connections are refused for seconds",
    arguments: RelayProtocol.allCases)
  func nightly(relayProtocol: RelayProtocol) {
    let call = ICECall(
      caller: .init(addresses: ["198.51.100.1"], policy: .relay, servers: [ICECall.turn(relayProtocol)]),
      callee: .init(addresses: ["198.51.100.2"], usesServers: false))
    call.start()
    #expect(call.connects())
    call.network.run(for: .seconds(10))
    for _ in 0..<6 {
      call.network.turnServers[0].forgetEverything()
      call.network.isBlocked = { $0.destination == ICECall.serverAddress }
      call.network.connectionOutcome = { _ in .refused }
      call.network.closeConnections()
      Self.run(call, for: .seconds(5))
      call.network.isBlocked = { _ in false }
      call.network.connectionOutcome = { _ in .accepted }
      Self.run(call, for: .minutes(61))
      #expect(call.isNominated)
    }
    #expect(!call.caller.states.contains { $0.state == .failed })
    #expect(call.carriesData())
  }

  @Test("a server that loses each allocation at once is given up after the third renewal")
  func forgetful() {
    let call = ICECall(
      caller: .init(addresses: ["198.51.100.1"], policy: .relay, servers: [ICECall.turn(.udp)]),
      callee: .init(addresses: ["198.51.100.2"], usesServers: false))
    call.start()
    for round in 0..<20 {
      call.network.run(for: .seconds(10))
      call.network.turnServers[0].forgetEverything()
      // Each has the allocation refreshed.
      call.caller.transport.restart(
        ICEParameters(usernameFragment: "round\(round)", password: "a password of 22 chars"), now: call.network.now)
    }
    let granted = call.network.turnServers[0].requests.filter { $0.isSigned && $0.method == .allocate }
    #expect(granted.count == 1 + 3)
  }
}
