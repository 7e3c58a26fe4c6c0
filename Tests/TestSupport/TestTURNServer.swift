import ICE
import NIOCore

/// A TURN server in memory, in virtual time (RFC 8656): long-term credentials, allocations, permissions, channels.
///
/// It is told what arrives at its own address and at the relayed ones, and answers with datagrams. Written against the
/// RFC, not against our client: what an honest server may refuse, it refuses.
package struct TestTURNServer: Sendable {
  package struct Datagram: Hashable, Sendable {
    package var source: SocketAddress
    package var destination: SocketAddress
    package var payload: ByteBuffer

    package init(source: SocketAddress, destination: SocketAddress, payload: ByteBuffer) {
      self.source = source
      self.destination = destination
      self.payload = payload
    }
  }

  struct Allocation: Sendable {
    var relayed: SocketAddress
    var username: String
    var expiresAt: NIODeadline
    /// By IP address, with port 0.
    var permissions: [SocketAddress: NIODeadline] = [:]
    var channels: [UInt16: (peer: SocketAddress, expiresAt: NIODeadline)] = [:]
    /// The Allocate that made it, and its answer, for retransmissions.
    var transaction: TransactionID
    var answer: ByteBuffer
  }

  package let address: SocketAddress
  package var configuration: Configuration
  /// Every well-formed request that arrived, in order; retransmissions included.
  package internal(set) var requests: [STUNMessage] = []
  /// Everything a client sent that was not STUN: ChannelData.
  package internal(set) var channelDataReceived = 0
  /// What made a fragile server lose the allocation of a client.
  package internal(set) var crashes: [String] = []

  var allocations: [SocketAddress: Allocation] = [:]
  var nonces: [SocketAddress: (value: ByteBuffer, expiresAt: NIODeadline)] = [:]
  var generator: any RandomNumberGenerator & Sendable
  var nextRelayedPort = 50_000
  private var outgoing = CircularBuffer<Datagram>()

  package init(
    address: SocketAddress, configuration: Configuration = Configuration(),
    generator: any RandomNumberGenerator & Sendable = SeededGenerator(seed: 8656)
  ) {
    self.address = address
    self.configuration = configuration
    self.generator = generator
  }

  package var relayedAddresses: [SocketAddress] { allocations.values.map(\.relayed) }

  package func hasPermission(_ peer: SocketAddress, ofClient client: SocketAddress, now: NIODeadline) -> Bool {
    allocations[client]?.permissions[Self.withoutPort(peer)].map { $0 > now } ?? false
  }

  /// As a restart of the server would: every allocation and nonce is gone.
  package mutating func forgetEverything() {
    allocations.removeAll()
    nonces.removeAll()
  }

  /// "the server … deletes the allocation" when the connection of its 5-tuple ends.
  package mutating func connectionClosed(_ client: SocketAddress) {
    allocations[client] = nil
    nonces[client] = nil
  }

  /// Whether a datagram to this address is for `receive`.
  package func owns(_ destination: SocketAddress) -> Bool {
    destination == address || allocations.values.contains { $0.relayed == destination }
  }

  package mutating func receive(_ datagram: Datagram, now: NIODeadline) {
    expire(now: now)
    if datagram.destination == address {
      receive(datagram.payload, fromClient: datagram.source, now: now)
    } else if let (client, allocation) = allocations.first(where: { $0.value.relayed == datagram.destination }) {
      relay(datagram.payload, from: datagram.source, to: client, of: allocation)
    }
  }

  package mutating func pollTransmit() -> Datagram? { outgoing.popFirst() }

  mutating func send(_ payload: ByteBuffer, from source: SocketAddress, to destination: SocketAddress) {
    outgoing.append(Datagram(source: source, destination: destination, payload: payload))
  }

  private mutating func expire(now: NIODeadline) {
    allocations = allocations.filter { $0.value.expiresAt > now }.mapValues { allocation in
      var allocation = allocation
      allocation.permissions = allocation.permissions.filter { $0.value > now }
      allocation.channels = allocation.channels.filter { $0.value.expiresAt > now }
      return allocation
    }
  }

  private mutating func receive(_ payload: ByteBuffer, fromClient client: SocketAddress, now: NIODeadline) {
    if let trap = configuration.isFragile ? Self.trap(in: payload) : nil {
      crashes.append(trap)
      allocations[client] = nil
      nonces[client] = nil
      return
    }
    if let message = try? STUNMessage(parsing: payload) {
      switch message.messageClass {
      case .request:
        requests.append(message)
        if let answer = answer(to: message, from: client, now: now) { send(answer, from: address, to: client) }
      case .indication where message.method == .send:
        guard let peer = message.xorPeerAddress, let data = message.data else { return }
        relay(data, from: client, to: peer, now: now)
      default: break
      }
    } else {
      receiveChannelData(payload, from: client, now: now)
    }
  }

  private mutating func receiveChannelData(_ payload: ByteBuffer, from client: SocketAddress, now: NIODeadline) {
    var payload = payload
    guard
      let number = payload.readInteger(as: UInt16.self), let length = payload.readInteger(as: UInt16.self),
      let data = payload.readSlice(length: Int(length)), let channel = allocations[client]?.channels[number]
    else { return }
    channelDataReceived += 1
    relay(data, from: client, to: channel.peer, now: now)
  }

  /// From a client to a peer.
  private mutating func relay(
    _ data: ByteBuffer, from client: SocketAddress, to peer: SocketAddress, now: NIODeadline
  ) {
    guard let allocation = allocations[client], hasPermission(peer, ofClient: client, now: now) else { return }
    send(data, from: allocation.relayed, to: peer)
  }

  /// From a peer to a client, by channel where there is one.
  private mutating func relay(
    _ data: ByteBuffer, from peer: SocketAddress, to client: SocketAddress, of allocation: Allocation
  ) {
    guard allocation.permissions[Self.withoutPort(peer)] != nil else { return }
    if let (number, _) = allocation.channels.first(where: { $0.value.peer == peer }) {
      var framed = ByteBuffer()
      framed.writeMultipleIntegers(number, UInt16(data.readableBytes))
      framed.writeImmutableBuffer(data)
      send(framed, from: address, to: client)
    } else {
      let indication = STUNMessage(
        .indication, .data, transactionID: TransactionID(using: &generator),
        attributes: [.xorPeerAddress(peer), .data(data)])
      send(indication.encoded(), from: address, to: client)
    }
  }

  static func withoutPort(_ address: SocketAddress) -> SocketAddress {
    var address = address
    address.port = 0
    return address
  }
}
