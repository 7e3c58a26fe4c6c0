import Logging
import NIOCore
import NIOPosix
import Network
import XMPP

extension XMPPClient {
  /// A TCP connection with its handler, on the way to be a client.
  struct Connection {
    let channel: any Channel
    let handler: NIOLoopBound<XMPPStreamHandler>
    let stanzas: AsyncStream<XMLElement>
    let established: EventLoopFuture<ClientStream.Session>
    let ended: EventLoopFuture<XMPPClientError?>

    /// Stanzas that may wait for their reader; there is one for each event of a call.
    private static let maximumWaiting = 512
    private static let connectTimeout = TimeAmount.seconds(10)

    /// TCP_USER_TIMEOUT: the time that a server may take to answer a ping. Without it Linux resends for a quarter of an hour what nobody
    /// acknowledges (tcp(7)), and an ICE restart waits for as long.
    private static let userTimeout = ClientSession.Configuration.pingTimeout

    /// NIO tries a host's IPv6 and IPv4 addresses as RFC 8305 says, each with a channel of its own: what one of them
    /// meets must not touch the others, so each has a connection of its own.
    static func open(
      _ configuration: Configuration, to target: ConnectionTarget, on loop: any EventLoop, logger: Logger,
      resolver: (any Resolver & Sendable)? = nil
    ) async throws(XMPPClientError) -> Connection {
      let tls = try configuration.makeTLSContext(isDirectTLS: target.isDirectTLS)
      let opened = loop.makePromise(of: Connection.self)
      opened.completeWithTask {
        try await ClientBootstrap(group: loop)
          .resolver(resolver)
          .connectTimeout(connectTimeout)
          .channelOption(.tcpOption(.tcp_nodelay), value: 1)
          .channelOption(.tcpOption(.userTimeout), value: Int(userTimeout.nanoseconds / 1_000_000))
          .channelOption(.socketOption(.so_keepalive), value: 1)
          .connect(host: IDNA.ascii(target.host), port: target.port) { channel in
            channel.eventLoop.makeCompletedFuture {
              try channel.setCloseOnExec()
              return try Connection(configuration, to: target, tls: tls, on: channel, logger: logger)
            }
          }
      }
      do {
        return try await opened.futureResult.get { $0.channel.close(promise: nil) }
      } catch {
        throw Task.isCancelled
          ? .cancelled
          : .unreachable(
            target, isNamed: configuration.server != nil, NetworkFailure.reason(error))
      }
    }

    private init(
      _ configuration: Configuration, to target: ConnectionTarget, tls: TLSClientContext, on channel: any Channel,
      logger: Logger
    ) throws {
      let (stanzas, continuation) = AsyncStream.makeStream(
        of: XMLElement.self, bufferingPolicy: .bufferingOldest(Self.maximumWaiting))
      let established = channel.eventLoop.makePromise(of: ClientStream.Session.self)
      let ended = channel.eventLoop.makePromise(of: XMPPClientError?.self)
      let handler = XMPPStreamHandler(
        configuration, target: target, tls: tls, logger: logger, stanzas: continuation, established: established,
        ended: ended)
      try channel.pipeline.syncOperations.addHandler(handler)
      self.channel = channel
      self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
      self.stanzas = stanzas
      self.established = established.futureResult
      self.ended = ended.futureResult
    }
  }

  static func connect(
    _ configuration: Configuration, to target: ConnectionTarget, on loop: any EventLoop, logger: Logger
  ) async throws(XMPPClientError) -> XMPPClient {
    let connection = try await Connection.open(configuration, to: target, on: loop, logger: logger)
    let handler = connection.handler
    do {
      let session = try await withTaskCancellationHandler {
        try await connection.established.get()
      } onCancel: {
        loop.execute { handler.value.close() }
      }
      let client = XMPPClient(connection, session)
      guard Task.isCancelled else { return client }
      await client.close()
      throw XMPPClientError.cancelled
    } catch let error as XMPPClientError {
      throw Task.isCancelled ? .cancelled : error
    } catch {
      throw .disconnected(configuration.jid.domain, NetworkFailure.reason(error))
    }
  }
}

extension NIOBSDSocket.Option {
  /// TCP_USER_TIMEOUT (tcp(7)), in milliseconds.
  fileprivate static let userTimeout = NIOBSDSocket.Option(rawValue: 18)
}
