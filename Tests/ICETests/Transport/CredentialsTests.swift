import ICE
import NIOCore
import TestSupport
import Testing

@Suite("Credentials that lapse")
struct CredentialsTests {
  @Test(
    "a relay keeps its credentials, and a new one uses the latest",
    arguments: RelayProtocol.allCases, [true, false])
  func renewal(relayProtocol: RelayProtocol, isRenewed: Bool) {
    let call = ICECall(
      caller: .init(addresses: ["198.51.100.1"], policy: .relay, servers: [ICECall.turn(relayProtocol)]),
      callee: .init(addresses: ["198.51.100.2"], usesServers: false))
    call.start()
    #expect(call.connects())
    call.network.run(for: .minutes(1))
    let requests = call.network.turnServers[0].requests.count
    if isRenewed {
      var renewed = ICECall.turn(relayProtocol)
      renewed.kind = .turn(TURNCredentials(username: "2", password: "fresh"))
      call.caller.transport.renewCredentials(of: [renewed])
    }
    call.network.run(for: .seconds(1))
    #expect(call.network.turnServers[0].requests.count == requests)
    // The server is started anew, after the first credentials lapsed: over UDP the next Refresh shows it.
    let restart = { [unowned network = call.network] in
      network.turnServers[0].forgetEverything()
      network.closeConnections()
      network.turnServers[0].configuration.username = "2"
      network.turnServers[0].configuration.password = "fresh"
    }
    if relayProtocol == .udp {
      var isRestarted = false
      call.network.isBlocked = { packet in
        if !isRestarted, (try? STUNMessage(parsing: packet.payload))?.method == .refresh {
          isRestarted = true
          restart()
        }
        return false
      }
    } else {
      restart()
    }
    call.network.run(for: .minutes(15))
    #expect(call.network.turnServers[0].relayedAddresses.count == (isRenewed ? 1 : 0))
    #expect(call.caller.transport.state == (isRenewed ? .completed : .failed))
  }
}
