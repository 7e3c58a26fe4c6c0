import Glibc
import ICE
import NIOCore
import NIOPosix

/// No interface has an address that a socket can be bound to.
package struct NoInterfaceAddress: Error {}

/// The sockets, the connections to TURN servers, the clock and the timer of one ``NetworkEngine``; its executor is the event
/// loop.
package actor EngineDriver<Engine: NetworkEngine> {
  let eventLoop: any EventLoop
  let engine: Engine
  let connector: TURNConnector
  private var onEvent: (@Sendable (Engine.Event) -> Void)?
  var sockets = EngineSockets()
  var connections = RelayConnections()
  var interfaces: InterfaceWatch?
  private var timer = DeadlineTimer()
  private var burst = DatagramBurst()
  /// What the last burst went over, where that takes no more for now.
  private var congested: (any Channel)?
  private var drain = NonNestingDrain()
  private var lifetime = Lifetime.running
  /// Who closes, and waits for the end of the goodbye.
  private var closing: CheckedContinuation<Void, Never>?

  var isClosed: Bool { lifetime == .closed }

  // Computed: generic types have no stored ones.
  private static var datagramsPerRead: Int { 8 }
  /// Ethernet's 1,500 bytes and some; whatever is longer is none of our business.
  private static var largestDatagram: Int { 2048 }
  /// Beyond a large key frame, what the network does not take is old: frames are left out until it has drained.
  private static var waterMark: ChannelOptions.Types.WriteBufferWaterMark { .init(low: 64 * 1024, high: 512 * 1024) }
  /// The tries to open a socket again, one a second, for as long as consent lasts (RFC 7675 section 5.1: 30 s).
  private static var reopenings: Int { 30 }
  /// The time for the answers to what frees the relays (TURN Refresh 0), which may want a second round with a new nonce.
  private static var farewell: TimeAmount { .milliseconds(500) }

  package nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

  /// - Parameters:
  ///   - caFile: authorities to trust in besides the system's.
  ///   - onEvent: is called on the event loop. Where there is none, events wait for ``deliver(to:)``.
  package init(
    _ engine: sending Engine, on eventLoop: any EventLoop, caFile: String? = nil,
    onEvent: (@Sendable (Engine.Event) -> Void)? = nil
  ) {
    self.engine = engine
    self.eventLoop = eventLoop
    connector = TURNConnector(on: eventLoop, caFile: caFile)
    self.onEvent = onEvent
  }

  package func deliver(to onEvent: @escaping @Sendable (Engine.Event) -> Void) {
    self.onEvent = onEvent
    advance()
  }

  /// Binds one UDP socket an interface address for each transport. An address that cannot be bound is left out; none at
  /// all is an error.
  package func open(addresses: [SocketAddress]) async throws(NoInterfaceAddress) {
    for medium in engine.transportMedia {
      for address in addresses {
        await bind(address, for: medium)
      }
    }
    advance()
    guard !sockets.isEmpty else {
      throw NoInterfaceAddress()
    }
  }

  func bind(_ address: SocketAddress, for medium: Engine.Medium) async {
    let endpoint = sockets.makeEndpoint()
    do {
      let socket = try await open(endpoint, at: address.withoutPort)
      guard !isClosed, let bound = socket.channel.localAddress else { return socket.channel.close(promise: nil) }
      sockets.add(socket, endpoint, at: bound)
      engine.addLocalEndpoint(endpoint, address: bound, for: medium, now: .now())
    } catch {
      engine.localEndpointRefused(at: address, for: medium, reason: TLSClientContext.reason(error), now: .now())
    }
  }

  private func open(_ endpoint: LocalEndpoint, at address: SocketAddress) async throws -> DatagramSocket {
    let descriptor = try DatagramSocket.descriptor(boundTo: address, connectedTo: engine.remote)
    let channel = try await bootstrap(endpoint).withBoundSocket(descriptor).get()
    guard let socket = DatagramSocket(channel: channel, descriptor: descriptor) else {
      throw ChannelError.alreadyClosed
    }
    return socket
  }

  private func bootstrap(_ endpoint: LocalEndpoint) -> DatagramBootstrap {
    DatagramBootstrap(group: eventLoop)
      // A burst of a key frame must fit: 64 packets of 1,200 bytes, several times over.
      .channelOption(.socketOption(.so_sndbuf), value: 512 * 1024)
      .channelOption(.writeBufferWaterMark, value: Self.waterMark)
      .channelOption(.datagramVectorReadMessageCount, value: Self.datagramsPerRead)
      // A second read would nearly always find nothing, and what it would find is read in the next turn of the loop.
      .channelOption(.maxMessagesPerRead, value: 1)
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

  /// A network that is gone for a second must not cost the call: the socket is opened again at the same address.
  func socketClosed(_ endpoint: LocalEndpoint) {
    guard !isClosed, let address = sockets.lose(endpoint) else { return }
    reopen(endpoint, at: address, triesLeft: Self.reopenings)
    fail(endpoint, "the system closed the socket")
  }

  /// The socket stays open: an ICMP error.
  func socketFailed(_ endpoint: LocalEndpoint, _ error: any Error) {
    if engine.remote != nil { fail(endpoint, TLSClientContext.reason(error)) }
  }

  private func fail(_ endpoint: LocalEndpoint, _ reason: String) {
    engine.socketFailed(endpoint, reason: reason, now: .now())
    advance()
  }

  private func reopen(_ endpoint: LocalEndpoint, at address: SocketAddress, triesLeft: Int) {
    Task {
      if let socket = try? await open(endpoint, at: address) {
        guard !isClosed, sockets.reopen(socket, endpoint) else { return socket.channel.close(promise: nil) }
      } else if isClosed || sockets.address(of: endpoint) == nil {
        return
      } else if triesLeft > 0 {
        eventLoop.scheduleTask(in: .seconds(1)) { [weak self] in
          self?.assumeIsolated { $0.reopen(endpoint, at: address, triesLeft: triesLeft - 1) }
        }
      } else {
        retire(endpoint)
        advance()
      }
    }
  }

  /// Runs `body` on the engine and delivers and sends what comes of it.
  package func with<Result>(_ body: (Engine) throws -> Result) rethrows -> Result {
    defer { advance() }
    return try body(engine)
  }

  /// Reads the engine, of which nothing comes.
  package func read<Result>(_ body: (Engine) throws -> Result) rethrows -> Result {
    try body(engine)
  }

  func receive(_ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint) {
    engine.receive(datagram, from: source, on: endpoint, now: .now())
  }

  /// What went out last was more than its socket or connection takes for now.
  package var isCongested: Bool {
    guard let congested, congested.isActive, !congested.isWritable else {
      congested = nil
      return false
    }
    return true
  }

  /// Says goodbye (RTCP BYE, DTLS close_notify, TURN Refresh 0), gives the relays a moment to answer, and closes the
  /// sockets.
  package func close() async {
    guard lifetime == .running else { return }
    lifetime = .closing
    engine.close(now: .now())
    advance()
    if engine.deadline != nil {
      await withCheckedContinuation { continuation in
        closing = continuation
        eventLoop.scheduleTask(in: Self.farewell) { [weak self] in self?.assumeIsolated { $0.release() } }
      }
    }
    lifetime = .closed
    timer.cancel()
    interfaces?.stop()
    let channels = sockets.removeAll()
    // TLS would wait for the server's goodbye.
    for channel in connections.removeAll() { channel.close(promise: nil) }
    for channel in channels {
      try? await channel.close().get()
    }
  }

  private func release() {
    closing.take()?.resume()
  }

  /// Delivers events, writes datagrams, sets the timer: after anything that may have changed the engine.
  ///
  /// Who handles an event may change the engine and so come here again: what comes of that is delivered after all that was
  /// said before it, and not from within.
  func advance() {
    guard drain.begin() else { return }
    repeat {
      while let onEvent, let event = engine.pollEvent() { onEvent(event) }
      flushTransmits()
      while let request = engine.pollConnectionRequest() { perform(request) }
    } while drain.goesOn()
    if let deadline = engine.deadline { schedule(deadline) } else { release() }
  }

  private func flushTransmits() {
    let now = NIODeadline.now()
    while let transmit = engine.pollTransmit(now: now) {
      if burst.append(transmit) { continue }
      flushBurst()
      _ = burst.append(transmit)
    }
    flushBurst()
  }

  private func flushBurst() {
    defer { burst.removeAll() }
    guard let endpoint = burst.datagrams.first?.endpoint else { return }
    let channel: any Channel
    if let socket = sockets[endpoint] {
      let refusal = socket.send(burst)
      if refusal != 0 { fail(endpoint, String(cString: strerror(refusal))) }
      channel = socket.channel
    } else if let connection = connections[endpoint] {
      write(burst, toConnection: connection)
      channel = connection
    } else {
      return
    }
    if !channel.isWritable { congested = channel }
  }

  private func schedule(_ deadline: NIODeadline) {
    guard !isClosed, !timer.isSet(to: deadline) else { return }
    timer.set(to: deadline, on: eventLoop) { [weak self] in
      self?.assumeIsolated { $0.timeout() }
    }
  }

  private func timeout() {
    timer.fired()
    guard !isClosed else { return }
    engine.handleTimeout(now: .now())
    advance()
  }
}

/// Not within the generic type, and without a payload: it is looked at for every packet.
private enum Lifetime {
  case running
  /// The goodbye is under way.
  case closing
  case closed
}
