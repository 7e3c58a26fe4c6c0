import ICE
import NIOCore
import TestSupport
import Testing

/// A client, its server, a peer that answers nothing, and a clock; whatever is sent arrives at once.
final class TURNTestbed {
  static let serverAddress = stunAddress("198.51.100.1", 3478)
  static let clientAddress = stunAddress("203.0.113.9", 40_000)
  static let peer = stunAddress("192.0.2.200", 5000)
  static let otherPeer = stunAddress("192.0.2.201", 5001)

  var clock = ManualClock()
  var client: TURNClient
  var server: TestTURNServer
  var events: [TURNClient.Event] = []
  /// Datagrams of the client, in order, with the time since the start in milliseconds.
  var sent: [(milliseconds: Int64, payload: ByteBuffer)] = []
  /// What came out at relayed addresses.
  var delivered: [TestTURNServer.Datagram] = []
  /// What the client said of data that came in.
  var received: [(payload: ByteBuffer, peer: SocketAddress)] = []
  /// Whether the network loses this datagram of the client.
  var loses: (ByteBuffer) -> Bool = { _ in false }
  /// What the network makes of a datagram of the server.
  var mangles: (ByteBuffer) -> ByteBuffer? = { $0 }
  let start: NIODeadline

  init(
    _ configuration: TestTURNServer.Configuration = .init(), relaxed: Bool = false,
    credentials: TURNCredentials = TURNCredentials(username: "cam", password: "secret"),
    relayProtocol: RelayProtocol = .udp, relayedFamily: STUNAddressFamily = .ipv4
  ) {
    server = TestTURNServer(address: Self.serverAddress, configuration: configuration)
    client = TURNClient(
      server: Self.serverAddress, endpoint: LocalEndpoint(id: 7), credentials: credentials, relaxed: relaxed,
      relayProtocol: relayProtocol, relayedFamily: relayedFamily, generator: SeededGenerator(seed: 1))
    start = clock.now
  }

  /// With an allocation, whose event is taken.
  static func allocated(_ configuration: TestTURNServer.Configuration = .init(), relaxed: Bool = false) -> TURNTestbed {
    let testbed = TURNTestbed(configuration, relaxed: relaxed)
    testbed.allocate()
    testbed.events.removeAll()
    return testbed
  }

  func allocate() {
    client.allocate(now: clock.now)
    settle()
  }

  func permit(_ peer: SocketAddress = peer) {
    client.permit(peer, now: clock.now)
    settle()
  }

  func bindChannel(_ peer: SocketAddress = peer) {
    client.bindChannel(to: peer, now: clock.now)
    settle()
  }

  func deallocate() {
    client.deallocate(now: clock.now)
    settle()
  }

  /// Frames and sends; false: the client would not.
  func send(_ text: String, to peer: SocketAddress = peer) -> Bool {
    var payload = ByteBuffer(string: text)
    guard client.frame(&payload, to: peer, now: clock.now) else { return false }
    server.receive(
      .init(source: Self.clientAddress, destination: client.server, payload: payload), now: clock.now)
    settle()
    return true
  }

  /// A peer sends to the relayed address.
  func peerSends(_ text: String, from peer: SocketAddress = peer) {
    guard let relayed = client.relayedAddress else { return }
    server.receive(
      .init(source: peer, destination: relayed, payload: ByteBuffer(string: text)), now: clock.now)
    settle()
  }

  func receive(_ payload: ByteBuffer, from source: SocketAddress = serverAddress) -> TURNClient.Received {
    let result = client.receive(payload, from: source, now: clock.now)
    if case .relayed(let payload, let peer) = result { received.append((payload, peer)) }
    return result
  }

  /// Lets everything arrive that is under way; two that never fall silent are a failure, not a test that hangs.
  func settle() {
    var isQuiet = false
    let limit = sent.count + 20_000
    while !isQuiet {
      isQuiet = true
      while let transmit = client.pollTransmit() {
        isQuiet = false
        guard sent.count < limit else {
          Issue.record("client and server talk for ever")
          return
        }
        sent.append(((clock.now - start).nanoseconds / 1_000_000, transmit.payload))
        guard transmit.remote == server.address, !loses(transmit.payload) else { continue }
        server.receive(
          .init(source: Self.clientAddress, destination: transmit.remote, payload: transmit.payload), now: clock.now)
      }
      while let datagram = server.pollTransmit() {
        isQuiet = false
        if datagram.destination == Self.clientAddress {
          if let payload = mangles(datagram.payload) { _ = receive(payload, from: datagram.source) }
        } else {
          delivered.append(datagram)
        }
      }
    }
    while let event = client.pollEvent() { events.append(event) }
  }

  /// Follows the client's deadlines.
  func run(for duration: TimeAmount) {
    let end = clock.now + duration
    while let deadline = client.deadline, deadline <= end {
      clock.advance(to: deadline)
      client.handleTimeout(now: clock.now)
      settle()
    }
    clock.advance(to: end)
    client.handleTimeout(now: clock.now)
    settle()
  }

  func requests(_ method: STUNMethod) -> [STUNMessage] { server.requests.filter { $0.method == method } }
}
