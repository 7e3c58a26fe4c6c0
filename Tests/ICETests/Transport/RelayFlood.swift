import NIOCore
import TestSupport

@testable import ICE

/// A transport of policy `relay`, and a peer who floods it.
final class RelayFlood: VirtualHost {
  /// Counts of datagrams with one address of the peer.
  struct Traffic {
    var toRelay = 0
    var fromRelay = 0
  }

  static let camera = ICECall.address("198.51.100.1", 5000)
  private static let interval = TimeAmount.milliseconds(20)
  /// More than there may be candidates, and channels.
  private static let count = 300

  let way: RelayFloodTests.Way
  let network = VirtualNetwork()
  let camera: ICEHost
  private(set) var traffic: [SocketAddress: Traffic] = [:]
  private(set) var signalled: Set<SocketAddress> = []
  private(set) var permissionsKept = 0
  private(set) var channelsKept = 0
  private var remote = ForgeryTests.remote
  private var relayed: SocketAddress?
  private var endpoints: [LocalEndpoint: SocketAddress] = [:]
  private var outgoing = CircularBuffer<Transmit>()
  private var generator = SeededGenerator(seed: 7)

  init(_ way: RelayFloodTests.Way, role: ICERole) {
    self.way = way
    var server = TestTURNServer(address: ICECall.serverAddress)
    if way == .forbiddenAddresses {
      server.configuration.forbiddenPeers = Set((0..<Self.count).map { Self.address($0).withoutPort })
    }
    network.turnServers = [server]
    camera = ICEHost(
      role: role,
      configuration: .init(
        servers: [
          ICEServer(kind: .turn(ICECall.credentials), address: ICECall.serverAddress, url: "turn:turn.example.org")
        ], policy: .relay), seed: 1)
    network.bind(Self.camera, LocalEndpoint(id: 0), of: camera, in: VirtualNetwork.internet)
    camera.transport.addLocalEndpoint(LocalEndpoint(id: 0), address: Self.camera, now: network.now)
    camera.takeEvents(now: network.now)
    for number in 0..<Self.count {
      for address in [Self.address(number), Self.port(number)] {
        let endpoint = LocalEndpoint(id: UInt32(endpoints.count))
        endpoints[endpoint] = address
        network.bind(address, endpoint, of: self, in: VirtualNetwork.internet)
      }
    }
  }

  private static func address(_ number: Int) -> SocketAddress {
    ICECall.address("192.0.\(3 + number / 250).\(1 + number % 250)", 5000)
  }

  private static func port(_ number: Int) -> SocketAddress { ICECall.address("192.0.2.1", 6000 + number) }

  var received: Int { traffic.values.map(\.toRelay).reduce(0, +) }

  func requests(_ method: STUNMethod) -> [STUNMessage] {
    network.turnServers[0].requests.filter { $0.method == method }
  }

  /// What was sent to an address beyond what FloodTests allows.
  func excess(_ entry: (address: SocketAddress, traffic: Traffic)) -> Int {
    let checks = signalled.contains(entry.address) ? RetransmissionTimer.maximumTransmissions : 0
    return entry.traffic.fromRelay - 3 * entry.traffic.toRelay - checks
  }

  func run() {
    network.run(for: .seconds(1))
    relayed = camera.candidates.first { $0.kind == .relayed }?.address
    camera.transport.setRemoteParameters(remote, now: network.now)
    signal(Self.port(0))
    network.run(for: .seconds(1))
    for number in 0..<Self.count {
      step(number)
      network.run(for: Self.interval)
      note()
    }
    network.run(for: .minutes(10))
  }

  private func note() {
    for relay in camera.transport.relays {
      permissionsKept = max(permissionsKept, relay.client.permissions.count)
      channelsKept = max(channelsKept, relay.client.channels.count)
    }
  }

  private func step(_ number: Int) {
    switch way {
    case .onePort, .sameRequest, .unknownAttributes: request(number, from: Self.port(0))
    case .manyPorts, .nominatedPorts, .strangersRequests: request(number, from: Self.port(number))
    case .silentAddresses, .forbiddenAddresses: signal(Self.address(number))
    case .signalledAddresses, .nominatedAddresses:
      signal(Self.address(number))
      request(number, from: Self.address(number))
      if number >= 10 { request(number, from: Self.address(number - 10)) }
    case .restarts:
      if number % 20 == 0 {
        remote = ICEParameters(usernameFragment: "them\(number)", password: remote.password)
        camera.transport.restart(remote, now: network.now)
        camera.takeEvents(now: network.now)
      }
      signal(Self.address(number))
    case .inventedPeers:
      let data = binding(number)
      network.inject(
        STUNMessage(
          .indication, .data, transactionID: TransactionID(using: &generator),
          attributes: [.xorPeerAddress(Self.address(number)), .data(data)]
        ).encoded(), from: ICECall.serverAddress, to: Self.camera, in: VirtualNetwork.internet)
    case .inventedChannels:
      var data = ByteBuffer()
      let payload = binding(number)
      data.writeMultipleIntegers(UInt16(0x4000 + number), UInt16(payload.readableBytes))
      data.writeImmutableBuffer(payload)
      network.inject(data, from: ICECall.serverAddress, to: Self.camera, in: VirtualNetwork.internet)
    }
  }

  private func signal(_ address: SocketAddress) {
    signalled.insert(address)
    camera.transport.addRemoteCandidate(
      ICECandidate(foundation: "1", priority: UInt32(1_000 + signalled.count), address: address, kind: .host),
      now: network.now)
    camera.takeEvents(now: network.now)
  }

  private func binding(_ number: Int) -> ByteBuffer {
    let parameters = camera.transport.localParameters
    let id = way == .sameRequest ? TransactionID(high: 1, low: 1) : TransactionID(using: &generator)
    var attributes: [STUNAttribute] = [
      .username("\(parameters.usernameFragment):\(remote.usernameFragment)"), .priority(UInt32(1_000 + number)),
      camera.transport.role == .controlling ? .iceControlled(7) : .iceControlling(7),
    ]
    if way == .nominatedPorts || way == .nominatedAddresses { attributes.append(.useCandidate) }
    if way == .unknownAttributes { attributes.append(.unknown(type: 0x7777, ByteBuffer())) }
    let password = way == .strangersRequests ? "a guess" : parameters.password
    return STUNMessage(.request, .binding, transactionID: id, attributes: attributes)
      .encoded(integrityKey: IntegrityKey(password: password), fingerprint: true)
  }

  private func request(_ number: Int, from source: SocketAddress) {
    guard let relayed else { return }
    traffic[source, default: Traffic()].toRelay += 1
    network.inject(binding(number), from: source, to: relayed, in: VirtualNetwork.internet)
  }

  // MARK: VirtualHost

  func receive(_ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint, now: NIODeadline) {
    guard let address = endpoints[endpoint] else { return }
    traffic[address, default: Traffic()].fromRelay += 1
    guard
      way == .nominatedPorts || way == .nominatedAddresses, let request = try? STUNMessage(parsing: datagram),
      request.messageClass == .request
    else { return }
    let response = STUNMessage(
      .success, .binding, transactionID: request.transactionID, attributes: [.xorMappedAddress(source)])
    traffic[address, default: Traffic()].toRelay += 1
    outgoing.append(
      Transmit(
        endpoint: endpoint, remote: source,
        payload: response.encoded(integrityKey: IntegrityKey(password: remote.password), fingerprint: true)))
  }

  func handleTimeout(now: NIODeadline) {}
  func pollTransmit() -> Transmit? { outgoing.popFirst() }
  var deadline: NIODeadline? { nil }
}
