import NIOCore
import TestSupport

@testable import ICE

extension FuzzTarget {
  /// One end of a path over hours: the peer and the servers know what they must, and say what they want, when they
  /// want.
  static let ice = FuzzTarget("ice", seeds: seeds) { bytes in
    var input = FuzzInput(bytes)
    var scene = ICEScene(&input)
    while !input.isAtEnd { scene.act(&input) }
    scene.end()
  }

  /// Each of the things that may happen, twice in a row, and all of them.
  private static func seeds() -> [[UInt8]] {
    let steps = (0..<ICEScene.actions).map { [$0, 1, 1, 2, 3, 4, 5, 6, 1, 7, 8, 9] }
    return steps.map { [0] + $0 + $0 } + [[1] + steps.flatMap { $0 }, [3] + steps.reversed().flatMap { $0 }]
  }
}

private struct ICEScene: ~Copyable {
  static let actions: UInt8 = 14

  private static let peer = ICEParameters(usernameFragment: "peer", password: "a password of the peer")
  private static let peerKey = IntegrityKey(password: peer.password)
  private static let credentials = TURNCredentials(username: "cam", password: "secret")
  private static let endpoints = [LocalEndpoint(id: 0), LocalEndpoint(id: 1)]
  /// Above all that a moment may bring: a check for each pair, its answer, and what the servers are asked.
  private static let mostSentAtOnce = 2_000

  private var transport: ICETransport
  private var now = NIODeadline.fuzzStart
  private var requests = STUNRequests()
  /// Whether the peer ever answered with what only he can sign.
  private var isAnswered = false

  init(_ input: inout FuzzInput) {
    let options = input.integer(UInt8.self)
    func server(_ kind: ICEServer.Kind, _ address: String, _ relayProtocol: RelayProtocol = .udp) -> ICEServer {
      guard let address = try? SocketAddress(ipAddress: address, port: 3478) else { fatalError(address) }
      return ICEServer(kind: kind, address: address, relayProtocol: relayProtocol, url: "\(address) \(relayProtocol)")
    }
    let servers = [
      server(.stun, "198.51.100.250"), server(.turn(Self.credentials), "198.51.100.251"),
      server(.turn(Self.credentials), "198.51.100.252", .tcp), server(.turn(Self.credentials), "2001:db8::250"),
    ]
    transport = ICETransport(
      configuration: .init(servers: servers, policy: options & 2 == 0 ? .all : .relay, relaxedTURN: options & 4 != 0),
      role: options & 1 == 0 ? .controlling : .controlled, generator: SeededGenerator(seed: 1))
    add(0)
    transport.setRemoteParameters(Self.peer, now: now)
    settle()
  }

  private mutating func add(_ index: Int) {
    let text = index == 0 ? "198.51.100.240" : "2001:db8::240"
    guard let address = try? SocketAddress(ipAddress: text, port: 5000) else { fatalError(text) }
    transport.addLocalEndpoint(Self.endpoints[index], address: address, now: now)
  }

  mutating func act(_ input: inout FuzzInput) {
    switch input.integer(UInt8.self) % Self.actions {
    case 0:
      deliver(input.chunk(), from: input.address(), on: input.choice(of: Self.endpoints))
    case 1:
      let request = checkOfPeer(&input)
      deliver(request, from: input.address(), on: input.choice(of: Self.endpoints))
    case 2:
      answerRequest(&input)
    case 3:
      pass(input.time())
    case 4:
      let candidate = ICECandidate(
        foundation: input.text(), component: 1, priority: input.integer(), address: input.address(),
        kind: input.choice(of: [.host, .serverReflexive, .peerReflexive, .relayed]))
      transport.addRemoteCandidate(candidate, now: now)
    case 5:
      transport.removeLocalEndpoint(input.choice(of: Self.endpoints), now: now)
    case 6:
      add(input.flag() ? 1 : 0)
    case 7:
      transport.restart(now: now)
    case 8:
      transport.restart(ICEParameters(usernameFragment: input.text(), password: Self.peer.password), now: now)
    case 9:
      transport.rollBack(now: now)
    case 10:
      connect(&input)
    case 11:
      var payload = ByteBuffer(repeating: 128, count: 100)
      if let transmit = transport.send(&payload, now: now) { requests.note(transmit) }
    case 12:
      relay(&input)
    default:
      // What most calls do: the peer answers, and so does time.
      answerAll()
      pass(.milliseconds(50))
    }
    settle()
  }

  /// What is left when the call is over.
  mutating func end() {
    transport.close(now: now)
    settle()
    for _ in 0..<100 {
      guard let deadline = transport.deadline else { return }
      now = max(now, deadline)
      transport.handleTimeout(now: now)
      settle()
    }
    fatalError("it is closed, and still waits for something")
  }

  private mutating func pass(_ time: TimeAmount) {
    let end = now + time
    var turns = 0
    while let deadline = transport.deadline, deadline <= end {
      turns += 1
      // Every 5 ms something may be due; more would be a loop.
      require(turns < 20_000, "time does not pass")
      now = max(now, deadline)
      transport.handleTimeout(now: now)
      settle()
    }
    now = end
  }

  private mutating func deliver(_ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint) {
    _ = transport.receive(datagram, from: source, on: endpoint, now: now)
  }

  /// Signed by what both sides know.
  private func checkOfPeer(_ input: inout FuzzInput) -> ByteBuffer {
    let local = transport.localParameters
    let username = "\(local.usernameFragment):\(Self.peer.usernameFragment)"
    let request = STUNMessage(
      .request, .binding, transactionID: TransactionID(high: 7, low: input.integer()),
      attributes: [.username(username), .priority(input.integer())] + input.attributes())
    return request.encoded(integrityKey: IntegrityKey(password: local.password), fingerprint: true)
  }

  private mutating func answerRequest(_ input: inout FuzzInput) {
    guard let (answer, request) = requests.answer(&input, key: { Self.key(of: $0) }) else { return }
    if request.message.method == .binding, (try? STUNMessage(parsing: answer))?.isSigned == true { isAnswered = true }
    let source = input.flag() ? input.address() : request.transmit.remote
    deliver(answer, from: source, on: request.transmit.endpoint)
  }

  private mutating func answerAll() {
    for request in requests.requests where request.message.method == .binding {
      isAnswered = true
      let answer = STUNMessage(
        .success, .binding, transactionID: request.message.transactionID,
        attributes: [.xorMappedAddress(request.transmit.remote)])
      deliver(
        answer.encoded(integrityKey: Self.peerKey, fingerprint: true), from: request.transmit.remote,
        on: request.transmit.endpoint)
    }
  }

  /// Of the peer, or of a server once it has asked who we are.
  private static func key(of request: STUNMessage) -> IntegrityKey? {
    guard request.method != .binding else { return peerKey }
    return request.realm.map { IntegrityKey(username: credentials.username, realm: $0, password: credentials.password) }
  }

  private mutating func connect(_ input: inout FuzzInput) {
    let endpoint = LocalEndpoint(id: input.integer(UInt32.self) & 1, connection: UInt32(input.integer(UInt8.self) & 7))
    if input.flag() {
      transport.connected(endpoint, now: now)
    } else {
      transport.disconnected(endpoint, reason: input.text(), now: now)
    }
  }

  /// What a TURN server makes of a datagram of somebody's.
  private mutating func relay(_ input: inout FuzzInput) {
    let peer = input.address()
    let payload = input.flag() ? checkOfPeer(&input) : input.chunk()
    let indication = STUNMessage(
      .indication, .data, transactionID: TransactionID(high: 8, low: 8),
      attributes: [.xorPeerAddress(peer), .data(payload)])
    let server = transport.configuration.servers[1].address
    deliver(indication.encoded(), from: server, on: Self.endpoints[0])
  }

  private mutating func settle() {
    var sent = 0
    while let transmit = transport.pollTransmit() {
      sent += 1
      requests.note(transmit)
    }
    require(sent <= Self.mostSentAtOnce, "\(sent) datagrams at once")
    require(isAnswered || !transport.hasPath, "a path that the peer never agreed to")
    while transport.pollEvent() != nil {}
    while transport.pollConnectionRequest() != nil {}
  }
}
