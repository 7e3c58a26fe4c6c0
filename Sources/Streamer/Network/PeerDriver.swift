import ICE
import NIOCore
import NIOPosix
import Peer
import RTP

/// The sockets, the connections to TURN servers, the clock and the timer of one ``PeerConnection``; its executor is the event loop.
package actor PeerDriver {
  let eventLoop: any EventLoop
  let connection: PeerConnection
  let connector: TURNConnector
  private let onEvent: @Sendable (PeerConnection.Event) -> Void
  /// Sockets, and connections that are open.
  var channels: [LocalEndpoint: any Channel] = [:]
  /// Connections without a channel yet.
  var awaited: Set<LocalEndpoint> = []
  /// Connections that are open or being opened.
  var connections: [LocalEndpoint: any Channel] = [:]
  private(set) var addresses: [LocalEndpoint: SocketAddress] = [:]
  private var nextEndpoint: UInt32 = 1
  private var timer: Scheduled<Void>?
  private var timerDeadline: NIODeadline?
  private var burst = DatagramBurst()
  private var offloadsSegmentation = System.supportsUDPSegmentationOffload
  /// Bursts for which NIO closed the socket, until it is open again.
  private var refused: [LocalEndpoint: [AddressedEnvelope<ByteBuffer>]] = [:]
  private var isClosing = false
  private(set) var isClosed = false
  private var released: CheckedContinuation<Void, Never>?

  private static let datagramsPerRead = 8
  /// Ethernet's 1,500 bytes and some; whatever is longer is none of our business.
  private static let largestDatagram = 2048
  /// Beyond a large key frame, what the network does not take is old: frames are left out until it has drained.
  private static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 64 * 1024, high: 512 * 1024)
  /// As long as consent lasts (RFC 7675 section 5.1: 30 s), one try a second.
  private static let reopenings = 30
  /// For the answers to what frees the relays (TURN Refresh 0), which may want a second round with a new nonce.
  private static let farewell = TimeAmount.milliseconds(500)

  package nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

  /// `onEvent` is called on the event loop. `caFile`: of authorities to trust in besides the system's.
  package init(
    connection: sending PeerConnection, on eventLoop: any EventLoop, caFile: String? = nil,
    onEvent: @escaping @Sendable (PeerConnection.Event) -> Void
  ) {
    self.connection = connection
    self.eventLoop = eventLoop
    connector = TURNConnector(on: eventLoop, caFile: caFile)
    self.onEvent = onEvent
  }

  /// Binds one UDP socket an interface address for each transport. An address that cannot be bound is left out; none at
  /// all is an error.
  package func open(addresses: [SocketAddress]) async throws(CommandError) {
    for kind in connection.transportMedia {
      for address in addresses {
        await bind(address, for: kind)
      }
    }
    guard !channels.isEmpty else {
      throw CommandError("no network interface has an address; connect this machine to a network", .unavailable)
    }
    advance()
  }

  private func bind(_ address: SocketAddress, for kind: MediaKind) async {
    let endpoint = LocalEndpoint(id: nextEndpoint)
    nextEndpoint += 1
    var local = address
    local.port = 0
    guard let channel = try? await bootstrap(endpoint).bind(to: local).get() else { return }
    guard !isClosed, let bound = channel.localAddress else {
      channel.close(promise: nil)
      return
    }
    channels[endpoint] = channel
    addresses[endpoint] = bound
    connection.addLocalEndpoint(endpoint, address: bound, for: kind, now: .now())
  }

  private func bootstrap(_ endpoint: LocalEndpoint) -> DatagramBootstrap {
    DatagramBootstrap(group: eventLoop)
      // A burst of a key frame must fit: 64 packets of 1,200 bytes, several times over.
      .channelOption(.socketOption(.so_sndbuf), value: 512 * 1024)
      .channelOption(.writeBufferWaterMark, value: Self.waterMark)
      .channelOption(.datagramVectorReadMessageCount, value: Self.datagramsPerRead)
      // One buffer is cut into equal parts for the messages of a vector read.
      .channelOption(
        .recvAllocator,
        value: FixedSizeRecvByteBufferAllocator(capacity: Self.datagramsPerRead * Self.largestDatagram)
      )
      .channelInitializer { [self] channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(DatagramHandler(endpoint: endpoint, driver: self))
        }
      }
  }

  /// A route that is gone for a second must not cost the call: the socket is opened again at the same address.
  func socketClosed(_ endpoint: LocalEndpoint) {
    guard !isClosed, channels.removeValue(forKey: endpoint) != nil, let address = addresses[endpoint] else { return }
    reopen(endpoint, at: address, triesLeft: Self.reopenings)
  }

  private func reopen(_ endpoint: LocalEndpoint, at address: SocketAddress, triesLeft: Int) {
    bootstrap(endpoint).bind(to: address).hop(to: eventLoop).whenComplete { [weak self] result in
      self?.assumeIsolated { driver in
        switch result {
        case .success(let channel) where driver.isClosed:
          channel.close(promise: nil)
        case .success(let channel):
          driver.channels[endpoint] = channel
          for burst in driver.refused.removeValue(forKey: endpoint) ?? [] { driver.write(burst, to: channel) }
        case .failure where triesLeft > 0 && !driver.isClosed:
          driver.eventLoop.scheduleTask(in: .seconds(1)) { [weak driver] in
            driver?.assumeIsolated { $0.reopen(endpoint, at: address, triesLeft: triesLeft - 1) }
          }
        case .failure:
          driver.connection.removeLocalEndpoint(endpoint, now: .now())
          driver.advance()
        }
      }
    }
  }

  /// Runs `body` on the connection and sends what comes of it.
  package func with<Result>(_ body: (PeerConnection) throws -> Result) rethrows -> Result {
    defer { advance() }
    return try body(connection)
  }

  func receive(_ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint) {
    connection.receive(datagram, from: source, on: endpoint, now: .now())
  }

  package func send(_ frame: RTPFrame) {
    if channels.values.allSatisfy({ $0.isWritable }) {
      connection.send(frame, now: .now())
    } else {
      connection.drop(frame)
    }
    advance()
  }

  /// Says goodbye (RTCP BYE, DTLS close_notify, TURN Refresh 0), gives the relays a moment to answer, and closes the
  /// sockets.
  package func close() async {
    guard !isClosing else { return }
    isClosing = true
    connection.close(now: .now())
    advance()
    if connection.deadline != nil {
      await withCheckedContinuation { continuation in
        released = continuation
        eventLoop.scheduleTask(in: Self.farewell) { [weak self] in self?.assumeIsolated { $0.release() } }
      }
    }
    isClosed = true
    timer?.cancel()
    let sockets = channels.filter { $0.key.connection == nil }.values
    channels = [:]
    // TLS would wait for the server's goodbye.
    connections.values.forEach { $0.close(promise: nil) }
    connections = [:]
    awaited = []
    for socket in sockets {
      try? await socket.close().get()
    }
  }

  private func release() {
    released?.resume()
    released = nil
  }

  /// Delivers events, writes datagrams, sets the timer: after anything that may have changed the connection.
  func advance() {
    while let event = connection.pollEvent() {
      onEvent(event)
    }
    flushTransmits()
    while let request = connection.pollConnectionRequest() {
      perform(request)
    }
    schedule()
    if isClosing, connection.deadline == nil { release() }
  }

  private func flushTransmits() {
    while let transmit = connection.pollTransmit() {
      if burst.append(transmit) { continue }
      flushBurst()
      _ = burst.append(transmit)
    }
    flushBurst()
  }

  private func flushBurst() {
    defer { burst.removeAll() }
    guard let endpoint = burst.datagrams.first?.endpoint, let channel = channels[endpoint] else { return }
    guard endpoint.connection == nil else { return write(burst, toConnection: channel) }
    guard offloadsSegmentation, let envelope = burst.joined(allocator: channel.allocator) else {
      for datagram in burst.datagrams {
        channel.write(AddressedEnvelope(remoteAddress: datagram.remote, data: datagram.payload), promise: nil)
      }
      return channel.flush()
    }
    let written = eventLoop.makePromise(of: Void.self)
    written.futureResult.whenFailure { [weak self] error in
      self?.assumeIsolated { $0.burstFailed(envelope, on: endpoint, error: error) }
    }
    channel.writeAndFlush(envelope, promise: written)
  }

  /// From then on datagrams go one by one, those of this burst first.
  private func burstFailed(_ burst: AddressedEnvelope<ByteBuffer>, on endpoint: LocalEndpoint, error: any Error) {
    guard !isClosed, DatagramBurst.isRefusal(error) else { return }
    offloadsSegmentation = false
    if let channel = channels[endpoint], channel.isActive {
      write(burst, to: channel)
    } else {
      refused[endpoint, default: []].append(burst)
    }
  }

  private func write(_ burst: AddressedEnvelope<ByteBuffer>, to channel: any Channel) {
    for datagram in DatagramBurst.separated(burst) { channel.write(datagram, promise: nil) }
    channel.flush()
  }

  private func schedule() {
    guard !isClosed, let deadline = connection.deadline else { return }
    guard deadline != timerDeadline else { return }
    timer?.cancel()
    timerDeadline = deadline
    timer = eventLoop.scheduleTask(deadline: deadline) { [weak self] in
      self?.assumeIsolated { $0.timeout() }
    }
  }

  private func timeout() {
    timerDeadline = nil
    guard !isClosed else { return }
    connection.handleTimeout(now: .now())
    advance()
  }
}
