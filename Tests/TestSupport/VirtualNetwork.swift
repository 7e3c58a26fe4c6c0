import ICE
import NIOCore

/// Hosts, NATs and TURN servers in virtual time; datagrams are lost, late, doubled and out of order as told, streams
/// only late.
///
/// Private networks hang on the Internet by a NAT each; addresses are unique within a network.
package final class VirtualNetwork {
  /// The Internet is number 0.
  package typealias Realm = Int

  package struct Conditions: Sendable {
    /// Of 1.
    package var loss = 0.0
    package var duplication = 0.0
    package var delay = TimeAmount.milliseconds(10)
    /// Up to so much later: datagrams overtake each other.
    package var jitter = TimeAmount.zero

    package init() {}
  }

  package struct Packet: Hashable, Sendable {
    package var source: SocketAddress
    package var destination: SocketAddress
    package var payload: ByteBuffer
  }

  struct Socket {
    let host: any VirtualHost
    let endpoint: LocalEndpoint
    let realm: Realm
    let address: SocketAddress
  }

  private struct Delivery {
    let at: NIODeadline
    let packet: Packet
    let realm: Realm
  }

  package static let internet: Realm = 0

  package private(set) var clock = ManualClock()
  /// What a server does with a connection to it.
  package var connectionOutcome: (SocketAddress) -> VirtualConnection.Outcome = { _ in .accepted }
  /// Those that are open, or being opened.
  package internal(set) var connections: [VirtualConnection] = []
  /// What was asked for, in order.
  package internal(set) var connectionRequests: [ConnectionRequest] = []
  var connectionEvents: [(at: NIODeadline, connection: Int, event: VirtualConnection.Event)] = []
  var connectionCount = 0
  package var conditions = Conditions()
  /// Datagrams for which this is true are lost, as sent by the host (before any NAT).
  package var isBlocked: (Packet) -> Bool = { _ in false }
  /// Of a datagram's way from a host, besides the conditions' delay.
  package var extraDelay: (Packet) -> TimeAmount = { _ in .zero }
  /// Each datagram that reaches a socket.
  package var onDelivery: (Packet) -> Void = { _ in }
  /// Everything a host sent, as sent; also what is lost afterwards.
  package private(set) var sentCount = 0
  package var turnServers: [TestTURNServer] = []
  /// By realm; the Internet has none.
  private(set) var nats: [Realm: VirtualNAT] = [:]
  private var realmCount = 1
  private(set) var sockets: [Socket] = []
  private var hosts: [any VirtualHost] = []
  private var deliveries: [Delivery] = []
  private var generator: SeededGenerator

  package init(seed: UInt64 = 1) {
    generator = SeededGenerator(seed: seed)
  }

  package var now: NIODeadline { clock.now }

  package func addNAT(_ nat: VirtualNAT) -> Realm {
    defer { realmCount += 1 }
    nats[realmCount] = nat
    return realmCount
  }

  package func bind(_ address: SocketAddress, _ endpoint: LocalEndpoint, of host: any VirtualHost, in realm: Realm) {
    precondition(!sockets.contains { $0.realm == realm && $0.address == address }, "\(address) is bound already")
    sockets.append(Socket(host: host, endpoint: endpoint, realm: realm, address: address))
    if !hosts.contains(where: { $0 === host }) { hosts.append(host) }
  }

  /// The interface is down: nothing arrives there any more, and nothing leaves.
  package func unbind(_ address: SocketAddress) {
    sockets.removeAll { $0.address == address }
  }

  /// Puts a datagram onto the network as if a host with this address had sent it.
  package func inject(_ payload: ByteBuffer, from source: SocketAddress, to destination: SocketAddress, in realm: Realm)
  {
    enqueue(Packet(source: source, destination: destination, payload: payload), in: realm)
  }

  // MARK: Time

  package func run(for amount: TimeAmount) {
    run(until: now + amount)
  }

  /// Runs until then, or earlier until `condition` holds; whether it did.
  @discardableResult
  package func run(until end: NIODeadline, while condition: () -> Bool = { true }) -> Bool {
    var idleRounds = 0
    drain()
    while condition() {
      guard let next = nextEvent, next <= end else {
        clock.advance(to: end)
        return condition()
      }
      idleRounds = next <= now ? idleRounds + 1 : 0
      precondition(idleRounds < 10_000, "a deadline that does not move: time stands still")
      clock.advance(to: next)
      deliverDue()
      for host in hosts where host.deadline.map({ $0 <= now }) ?? false { host.handleTimeout(now: now) }
      drain()
    }
    return false
  }

  private var nextEvent: NIODeadline? {
    var earliest = deliveries.lazy.map(\.at).min()
    for (at, _, _) in connectionEvents { earliest = min(earliest ?? at, at) }
    for deadline in hosts.lazy.compactMap(\.deadline) { earliest = min(earliest ?? deadline, deadline) }
    return earliest
  }

  private func deliverDue() {
    let due = deliveries.filter { $0.at <= now }.sorted { $0.at < $1.at }
    deliveries.removeAll { $0.at <= now }
    for delivery in due { deliver(delivery.packet, in: delivery.realm) }
    deliverToConnections()
  }

  private func drain() {
    for host in hosts {
      while let transmit = host.pollTransmit() {
        guard transmit.endpoint.connection == nil else {
          sentCount += 1
          write(transmit, of: host)
          continue
        }
        guard let socket = sockets.first(where: { $0.host === host && $0.endpoint == transmit.endpoint }) else {
          continue
        }
        sentCount += 1
        let packet = Packet(source: socket.address, destination: transmit.remote, payload: transmit.payload)
        if !isBlocked(packet) { enqueue(packet, in: socket.realm) }
      }
      while let request = host.pollConnectionRequest() { perform(request, of: host) }
    }
  }

  func takeTransmits(ofServer server: Int) {
    while let sent = turnServers[server].pollTransmit() {
      if let connection = connections.firstIndex(where: { $0.client == sent.destination }) {
        writeToHost(sent.payload, connection)
      } else {
        enqueue(Packet(source: sent.source, destination: sent.destination, payload: sent.payload), in: Self.internet)
      }
    }
  }

  // MARK: The way of a datagram

  private func enqueue(_ packet: Packet, in realm: Realm) {
    if conditions.loss > 0, Double.random(in: 0..<1, using: &generator) < conditions.loss { return }
    let copies =
      conditions.duplication > 0 && Double.random(in: 0..<1, using: &generator) < conditions.duplication ? 2 : 1
    for _ in 0..<copies {
      let jitter = Int64.random(in: 0...conditions.jitter.nanoseconds, using: &generator)
      let delay = conditions.delay + .nanoseconds(jitter) + extraDelay(packet)
      deliveries.append(Delivery(at: now + delay, packet: packet, realm: realm))
    }
  }

  private func deliver(_ packet: Packet, in realm: Realm) {
    if let socket = sockets.first(where: { $0.realm == realm && $0.address == packet.destination }) {
      onDelivery(packet)
      socket.host.receive(packet.payload, from: packet.source, on: socket.endpoint, now: now)
    } else if realm != Self.internet, !isLocal(packet.destination, in: realm) {
      leave(packet, realm)
    } else if realm == Self.internet {
      arrive(packet)
    }
  }

  private func isLocal(_ address: SocketAddress, in realm: Realm) -> Bool {
    sockets.contains { $0.realm == realm && $0.address.ipAddress == address.ipAddress }
  }

  private func leave(_ packet: Packet, _ realm: Realm) {
    guard
      let source = nats[realm]?.translate(source: packet.source, destination: packet.destination, now: now)
    else { return }
    deliver(Packet(source: source, destination: packet.destination, payload: packet.payload), in: Self.internet)
  }

  private func arrive(_ packet: Packet) {
    if let server = turnServers.indices.first(where: { turnServers[$0].owns(packet.destination) }) {
      turnServers[server].receive(
        .init(source: packet.source, destination: packet.destination, payload: packet.payload), now: now)
      takeTransmits(ofServer: server)
    } else if let realm = nats.first(where: { $0.value.address == packet.destination.ipAddress })?.key,
      let port = packet.destination.port,
      let inner = nats[realm]?.admit(source: packet.source, port: port, now: now)
    {
      deliver(Packet(source: packet.source, destination: inner, payload: packet.payload), in: realm)
    }
  }
}
