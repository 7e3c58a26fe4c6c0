import Logging
import NIOCore
import NIOPosix
import NIOSSL
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

    /// NIO tries a host's IPv6 and IPv4 addresses as RFC 8305 says, each with a channel of its own: what one of them
    /// meets must not touch the others, so each has a connection of its own.
    static func open(
      _ configuration: Configuration, to target: ConnectionTarget, on loop: any EventLoop, logger: Logger,
      resolver: (any Resolver & Sendable)? = nil
    ) async throws(XMPPClientError) -> Connection {
      let tls = try configuration.makeTLSContext(isDirectTLS: target.isDirectTLS)
      do {
        return try await ClientBootstrap(group: loop)
          .resolver(resolver)
          .connectTimeout(connectTimeout)
          .channelOption(.tcpOption(.tcp_nodelay), value: 1)
          .channelOption(.socketOption(.so_keepalive), value: 1)
          .connect(host: target.host, port: target.port) { channel in
            channel.eventLoop.makeCompletedFuture {
              try channel.setCloseOnExec()
              return try Connection(configuration, to: target, tls: tls, on: channel, logger: logger)
            }
          }
      } catch {
        throw .unreachable(target, XMPPClientError.reason(error))
      }
    }

    private init(
      _ configuration: Configuration, to target: ConnectionTarget, tls: NIOSSLContext, on channel: any Channel,
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
    do {
      let session = try await withTaskCancellationHandler {
        try await connection.established.get()
      } onCancel: {
        connection.channel.close(promise: nil)
      }
      return XMPPClient(connection, session)
    } catch let error as XMPPClientError {
      throw error
    } catch {
      throw .disconnected(configuration.jid.domain, XMPPClientError.reason(error))
    }
  }
}
