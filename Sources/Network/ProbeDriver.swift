import Glibc
import ICE
import NIOCore
import NIOPosix

/// The sockets, the connections, the clock and the timer of one ``Probe``; its executor is the event loop.
package actor ProbeDriver<Driven: Probe>: EndpointDriver {
  private let eventLoop: any EventLoop
  private let connector: TURNConnector
  private let onFinding: @Sendable (Driven.Finding) -> Void
  private var probe: Driven
  private var source: SocketAddress?
  private var sockets: [LocalEndpoint: any Channel] = [:]
  private var connections: [LocalEndpoint: any Channel] = [:]
  /// Connections that have no channel yet, or no TLS.
  private var awaited: Set<LocalEndpoint> = []
  private var timer: Scheduled<Void>?
  private var finished: CheckedContinuation<Void, Never>?
  private var findings: [Driven.Finding] = []

  package nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

  /// `onFinding` is called on the event loop.
  package init(
    _ probe: Driven, on eventLoop: any EventLoop, caFile: String?,
    onFinding: @escaping @Sendable (Driven.Finding) -> Void
  ) {
    self.probe = probe
    self.eventLoop = eventLoop
    connector = TURNConnector(on: eventLoop, caFile: caFile)
    self.onFinding = onFinding
  }

  /// All that it found, when it is over: by itself, at `end`, or where the task is cancelled.
  package func run(from source: SocketAddress, until end: NIODeadline) async -> [Driven.Finding] {
    self.source = source
    var addresses: [LocalEndpoint: SocketAddress] = [:]
    var refusals: [LocalEndpoint: String] = [:]
    for endpoint in probe.sockets {
      addresses[endpoint] = source
      do {
        addresses[endpoint] = try await open(endpoint, at: source).localAddress ?? source
      } catch {
        refusals[endpoint] = TLSClientContext.reason(error)
      }
    }
    probe.start(at: addresses, now: .now())
    for (endpoint, reason) in refusals { probe.disconnected(endpoint, reason: reason, now: .now()) }
    let limit = eventLoop.scheduleTask(deadline: end) { [weak self] in self?.assumeIsolated { $0.stop() } }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        finished = continuation
        advance()
      }
    } onCancel: {
      eventLoop.execute { [weak self] in self?.assumeIsolated { $0.stop() } }
    }
    limit.cancel()
    timer?.cancel()
    for channel in sockets.values { channel.close(promise: nil) }
    for channel in connections.values { channel.close(promise: nil) }
    return findings
  }

  private func stop() {
    probe.stop(now: .now())
    advance()
  }

  /// The handler comes last, when nothing can fail any more: NIO does not take it from a channel that was never open.
  private func open(_ endpoint: LocalEndpoint, at source: SocketAddress) async throws -> any Channel {
    let channel = try await DatagramBootstrap(group: eventLoop).bind(to: source).get()
    do {
      if let remote = probe.remote { try await channel.connect(to: remote).get() }
      try channel.pipeline.syncOperations.addHandler(DatagramHandler(endpoint: endpoint, driver: self))
    } catch {
      channel.close(promise: nil)
      throw error
    }
    sockets[endpoint] = channel
    return channel
  }

  // MARK: What happens

  func receive(_ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint) {
    probe.receive(datagram, from: source, on: endpoint, now: .now())
  }

  func connectionOpened(_ endpoint: LocalEndpoint) {
    guard awaited.remove(endpoint) != nil else { return }
    probe.connected(endpoint, now: .now())
    advance()
  }

  func connectionClosed(_ endpoint: LocalEndpoint, reason: String) {
    let wasOpen = connections.removeValue(forKey: endpoint) != nil
    guard awaited.remove(endpoint) != nil || wasOpen else { return }
    probe.disconnected(endpoint, reason: reason, now: .now())
    advance()
  }

  /// A send that failed says why, in a moment.
  func socketClosed(_ endpoint: LocalEndpoint) {
    eventLoop.execute { [weak self] in
      self?.assumeIsolated { $0.fail(endpoint, "the system closed the socket") }
    }
  }

  func socketFailed(_ endpoint: LocalEndpoint, _ error: any Error) {
    if probe.remote != nil { fail(endpoint, TLSClientContext.reason(error)) }
  }

  private func fail(_ endpoint: LocalEndpoint, _ reason: String) {
    guard let socket = sockets.removeValue(forKey: endpoint) else { return }
    socket.close(promise: nil)
    guard !probe.isFinished else { return }
    probe.disconnected(endpoint, reason: reason, now: .now())
    advance()
  }

  /// Tells findings, sends, opens and closes connections, sets the timer: after anything that may have changed the probe.
  func advance() {
    while let finding = probe.pollFinding() {
      findings.append(finding)
      onFinding(finding)
    }
    while let transmit = probe.pollTransmit() { send(transmit) }
    while let request = probe.pollConnectionRequest() { perform(request) }
    timer?.cancel()
    if probe.isFinished {
      finished?.resume()
      finished = nil
    } else if let deadline = probe.deadline {
      timer = eventLoop.scheduleTask(deadline: deadline) { [weak self] in self?.assumeIsolated { $0.timeout() } }
    }
  }

  private func timeout() {
    probe.handleTimeout(now: .now())
    advance()
  }

  private func send(_ transmit: Transmit) {
    let endpoint = transmit.endpoint
    guard endpoint.connection == nil else {
      connections[endpoint]?.writeAndFlush(transmit.payload, promise: nil)
      return
    }
    let envelope = AddressedEnvelope(remoteAddress: transmit.remote, data: transmit.payload)
    sockets[endpoint]?.writeAndFlush(envelope).whenFailure { [weak self] error in
      self?.assumeIsolated { $0.sendFailed(endpoint, error) }
    }
  }

  /// A datagram that is too large is lost, which is what is to be found out; else nothing more will go.
  private func sendFailed(_ endpoint: LocalEndpoint, _ error: any Error) {
    if case .writeMessageTooLarge? = error as? ChannelError { return }
    fail(endpoint, TLSClientContext.reason(error))
  }

  private func perform(_ request: ConnectionRequest) {
    switch request {
    case .connect(let endpoint, let server, let serverName):
      connect(endpoint, to: server, serverName: serverName)
    case .disconnect(let endpoint):
      awaited.remove(endpoint)
      connections.removeValue(forKey: endpoint)?.close(promise: nil)
    }
  }

  private func connect(_ endpoint: LocalEndpoint, to server: SocketAddress, serverName: String?) {
    guard let source else { return }
    awaited.insert(endpoint)
    connector.connect(to: server, from: source, serverName: serverName) { [self] channel in
      try channel.pipeline.syncOperations.addHandler(
        TURNStreamHandler(endpoint: endpoint, server: server, isSecured: serverName != nil, driver: self))
      // Given up while TLS was being set up.
      guard assumeIsolated({ $0.awaited.contains(endpoint) }) else { throw CancellationError() }
      assumeIsolated { $0.connections[endpoint] = channel }
    }.hop(to: eventLoop).whenFailure { [weak self] error in
      self?.assumeIsolated { $0.connectionClosed(endpoint, reason: TLSClientContext.reason(error)) }
    }
  }
}
