import ICE
import NIOCore
import TestSupport

extension FuzzTarget {
  /// An allocation by UDP or over a stream, whose server knows the password and says what it wants.
  static let turn = FuzzTarget("turn", seeds: seeds) { bytes in
    require(messages(bytes, step: 1) == messages(bytes, step: .max), "otherwise in pieces")
    var input = FuzzInput(bytes)
    var scene = TURNScene(&input)
    while !input.isAtEnd { scene.act(&input) }
    scene.end()
  }

  /// What a stream is taken apart into, up to where it makes no sense.
  private static func messages(_ bytes: ByteBuffer, step: Int) -> [ByteBuffer] {
    var decoder = TURNStreamDecoder()
    var messages: [ByteBuffer] = []
    var rest = bytes
    while let piece = rest.readSlice(length: min(step, rest.readableBytes)), piece.readableBytes > 0 {
      decoder.append(piece)
      do {
        while let message = try decoder.next() { messages.append(message) }
      } catch {
        break
      }
    }
    return messages
  }

  private static func seeds() -> [[UInt8]] {
    let steps: [[UInt8]] = (0..<TURNScene.actions).map { [$0, 1, 1, 2, 3, 4, 5, 6, 1, 7, 8, 9] }
    let all: [[UInt8]] = [[0, 0, 0, 0]] + steps + steps.reversed()
    return (UInt8(0)..<4).flatMap { options in [all, usual].map { [options] + $0.joined() } }
  }

  /// Challenged, allocated for ten minutes, a peer permitted and bound to a channel, and data of his and ours.
  private static let usual: [[UInt8]] = {
    let peer: [UInt8] = [0, 0x10, 0x10, 7]
    let data: [UInt8] = [4, 128, 96, 0, 1]
    // Relayed address, mapped address, lifetime.
    let answer: [UInt8] = [0, 0x20, 0x20, 8, 0, 0x30, 0x30, 9, 0, 0, 2, 0x58]
    return [
      [1, 0, 0, 0, 1], [3], answer, answer, [5], peer, [6], peer, [3], answer, answer, answer, answer,
      [10], data, [0], [11], peer, data, [8, 20], peer, [4, 15],
    ]
  }()
}

private struct TURNScene {
  static let actions: UInt8 = 13

  private static let credentials = TURNCredentials(username: "cam", password: "secret")
  private static let endpoint = LocalEndpoint(id: 0)
  private static let mostSentAtOnce = 2_000

  private let server: SocketAddress
  private var client: TURNClient
  private var framer = TURNStreamDecoder()
  private let isStream: Bool
  private var now = NIODeadline.fuzzStart
  private var requests = STUNRequests()
  /// The addresses for which a permission or a channel was asked.
  private var wanted: Set<String?> = []

  init(_ input: inout FuzzInput) {
    let options = input.integer(UInt8.self)
    guard let server = try? SocketAddress(ipAddress: "198.51.100.250", port: 3478) else { fatalError() }
    self.server = server
    isStream = options & 1 == 1
    client = TURNClient(
      server: server, endpoint: Self.endpoint, credentials: Self.credentials, relaxed: options & 2 != 0,
      relayProtocol: isStream ? .tcp : .udp, relayedFamily: options & 4 == 0 ? .ipv4 : .ipv6,
      generator: SeededGenerator(seed: 1))
    client.allocate(now: now)
    settle()
  }

  mutating func act(_ input: inout FuzzInput) {
    switch input.integer(UInt8.self) % Self.actions {
    case 0: deliver(input.chunk())
    case 1: challenge(&input)
    case 2: answerRequest(&input)
    case 3: allocate(&input)
    case 4: pass(input.time())
    case 5: client.permit(want(input.address()), now: now)
    case 6: client.bindChannel(to: want(input.address()), now: now)
    case 7: client.keep((0..<input.integer(UInt8.self) % 4).map { _ in input.address() }, now: now)
    case 8:
      var payload = ByteBuffer(repeating: 128, count: Int(input.integer(UInt8.self)))
      let peer = input.address()
      if client.frame(&payload, to: peer, now: now) { require(payload.readableBytes > 0) }
    case 9:
      client.deallocate(now: now)
      client.allocate(now: now)
    case 10: deliver(channelData(&input))
    case 11:
      let data = STUNMessage(
        .indication, .data, transactionID: TransactionID(high: 8, low: 8),
        attributes: [.xorPeerAddress(input.address()), .data(input.chunk())])
      deliver(data.encoded())
    default: client.refresh(now: now)
    }
    settle()
  }

  mutating func end() {
    client.deallocate(now: now)
    settle()
    for _ in 0..<100 {
      guard let deadline = client.deadline else { return }
      now = max(now, deadline)
      client.handleTimeout(now: now)
      settle()
    }
    fatalError("it is given back, and something is still waited for")
  }

  private mutating func want(_ peer: SocketAddress) -> SocketAddress {
    wanted.insert(peer.ipAddress)
    return peer
  }

  private mutating func pass(_ time: TimeAmount) {
    let end = now + time
    var turns = 0
    while let deadline = client.deadline, deadline <= end {
      turns += 1
      require(turns < 20_000, "time does not pass")
      now = max(now, deadline)
      client.handleTimeout(now: now)
      settle()
    }
    now = end
  }

  /// As it comes off the wire: over a stream in pieces and cut again, until it makes no sense.
  private mutating func deliver(_ bytes: ByteBuffer) {
    guard isStream else {
      receive(bytes)
      return
    }
    var rest = bytes
    while let piece = rest.readSlice(length: min(rest.readableBytes, 13)), piece.readableBytes > 0 {
      framer.append(piece)
      do {
        while let message = try framer.next() { receive(message) }
      } catch {
        framer = TURNStreamDecoder()
        client.disconnect("it makes no sense")
        settle()
        client.allocate(now: now)
        return
      }
    }
  }

  private mutating func receive(_ message: ByteBuffer) {
    guard case .relayed(_, let peer) = client.receive(message, from: server, now: now) else { return }
    require(client.relayedAddress != nil, "relayed without an allocation")
    require(wanted.contains(peer.ipAddress), "relayed from a peer that nobody asked for")
  }

  private mutating func challenge(_ input: inout FuzzInput) {
    guard let request = requests.requests.last else { return }
    let challenge = STUNMessage(
      .error, request.message.method, transactionID: request.message.transactionID,
      attributes: [
        .errorCode(STUNErrorCode(401)), .realm("r"), .nonce(ByteBuffer(integer: input.integer(UInt32.self))),
      ])
    deliver(challenge.encoded())
  }

  private mutating func answerRequest(_ input: inout FuzzInput) {
    guard let (answer, _) = requests.answer(&input, key: { Self.key(of: $0) }) else { return }
    deliver(answer)
  }

  private mutating func allocate(_ input: inout FuzzInput) {
    for request in requests.requests {
      let answer = STUNMessage(
        .success, request.message.method, transactionID: request.message.transactionID,
        attributes: [
          .xorRelayedAddress(input.address()), .xorMappedAddress(input.address()), .lifetime(input.integer()),
        ])
      deliver(answer.encoded(integrityKey: Self.key(of: request.message)))
    }
  }

  private func channelData(_ input: inout FuzzInput) -> ByteBuffer {
    var message = ByteBuffer()
    let payload = input.chunk()
    let options = input.integer(UInt8.self)
    let isHonest = options & 8 == 0
    message.writeMultipleIntegers(
      0x4000 + UInt16(options & 7), isHonest ? UInt16(payload.readableBytes) : input.integer())
    message.writeImmutableBuffer(payload)
    if isStream { message.writeRepeatingByte(0, count: (4 - message.readableBytes % 4) % 4) }
    return message
  }

  private static func key(of request: STUNMessage) -> IntegrityKey? {
    request.realm.map { IntegrityKey(username: credentials.username, realm: $0, password: credentials.password) }
  }

  private mutating func settle() {
    var sent = 0
    while let transmit = client.pollTransmit() {
      sent += 1
      requests.note(transmit)
    }
    require(sent <= Self.mostSentAtOnce, "\(sent) messages at once")
    while client.pollEvent() != nil {}
  }
}
