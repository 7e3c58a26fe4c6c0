import ICE
import NIOCore
import NIOPosix

/// Connections to TURN servers: opened and closed as the engine asks.
extension EngineDriver {
  /// The most bytes that may wait for a connection: a few key frames with packets that are sent again.
  private static var limit: Int { 1024 * 1024 }

  func perform(_ request: ConnectionRequest) {
    switch request {
    case .connect(let endpoint, let server, let serverName):
      open(endpoint, to: server, serverName: serverName)
    case .disconnect(let endpoint):
      connections.remove(endpoint)?.close(promise: nil)
    }
  }

  private func open(_ endpoint: LocalEndpoint, to server: SocketAddress, serverName: String?) {
    guard !isClosed, let local = sockets.address(of: endpoint.socket) else { return }
    connections.expect(endpoint)
    connector.connect(to: server, from: local, serverName: serverName) { [self] channel in
      // Given up while TLS was being set up.
      guard assumeIsolated({ $0.connections.attach(channel, to: endpoint) }) else { throw CancellationError() }
      let handler = TURNStreamHandler(
        endpoint: endpoint, server: server, isSecured: serverName != nil, driver: self)
      try channel.pipeline.syncOperations.addHandler(handler)
    }.hop(to: eventLoop).whenFailure { [weak self] error in
      self?.assumeIsolated { $0.connectionClosed(endpoint, reason: TLSClientContext.reason(error)) }
    }
  }

  func connectionOpened(_ endpoint: LocalEndpoint) {
    guard !isClosed, connections.open(endpoint) else { return }
    engine.connected(endpoint, now: .now())
    advance()
  }

  /// The end may be told twice, by the attempt and by the handler; the first counts.
  func connectionClosed(_ endpoint: LocalEndpoint, reason: String) {
    guard connections.drop(endpoint), !isClosed else { return }
    engine.disconnected(endpoint, reason: reason, now: .now())
    advance()
  }

  /// In one go, which TLS puts into few records. A message that does not go out is as good as lost on the way.
  func write(_ burst: DatagramBurst, toConnection channel: any Channel) {
    if !channel.isWritable {
      let waiting = try? channel.syncOptions?.getOption(.bufferedWritableBytes)
      guard waiting ?? 0 < Self.limit else { return }
    }
    guard let bytes = burst.joined(allocator: channel.allocator) else { return }
    channel.writeAndFlush(bytes, promise: nil)
  }
}
