import Logging
import NIOCore
import NIOPosix
import XMPP

extension XMPPClient {
  /// A TCP connection with its handler, on the way to be a client.
  struct Connection {
    let channel: any Channel
    let handler: NIOLoopBound<XMPPStreamHandler>
    let stanzas: AsyncStream<XMLElement>
    let established: EventLoopFuture<JID>
    let ended: EventLoopFuture<XMPPClientError?>

    /// Stanzas that may wait for their reader; there is one for each event of a call.
    private static let maximumWaiting = 512
    private static let connectTimeout = TimeAmount.seconds(10)

    /// NIO tries a host's IPv6 and IPv4 addresses as RFC 8305 says.
    static func open(
      _ configuration: Configuration, to target: ConnectionTarget, on loop: any EventLoop, logger: Logger
    ) async throws(XMPPClientError) -> Connection {
      let tls = try configuration.makeTLSContext(isDirectTLS: target.isDirectTLS)
      let (stanzas, continuation) = AsyncStream.makeStream(
        of: XMLElement.self, bufferingPolicy: .bufferingOldest(maximumWaiting))
      let established = loop.makePromise(of: JID.self)
      let ended = loop.makePromise(of: XMPPClientError?.self)
      do {
        let (channel, handler) = try await ClientBootstrap(group: loop)
          .connectTimeout(connectTimeout)
          .channelOption(.tcpOption(.tcp_nodelay), value: 1)
          .channelOption(.socketOption(.so_keepalive), value: 1)
          .connect(host: target.host, port: target.port) { channel in
            channel.eventLoop.makeCompletedFuture {
              let handler = XMPPStreamHandler(
                configuration, target: target, tls: tls, logger: logger, stanzas: continuation,
                established: established, ended: ended)
              try channel.pipeline.syncOperations.addHandler(handler)
              return (channel, NIOLoopBound(handler, eventLoop: channel.eventLoop))
            }
          }
        return Connection(
          channel: channel, handler: handler, stanzas: stanzas, established: established.futureResult,
          ended: ended.futureResult)
      } catch {
        let failure = XMPPClientError.unreachable(target, reason(error))
        established.fail(failure)
        ended.succeed(failure)
        throw failure
      }
    }

    private static func reason(_ error: any Error) -> String {
      switch error {
      case let error as NIOConnectionError:
        if let first = error.connectionErrors.first { return reason(first.error) }
        return "its name cannot be resolved"
      case let error as IOError: return error.description
      case ChannelError.connectTimeout: return "no answer in 10 s"
      default: return String(describing: error)
      }
    }
  }

  static func connect(
    _ configuration: Configuration, to target: ConnectionTarget, on loop: any EventLoop, logger: Logger
  ) async throws(XMPPClientError) -> XMPPClient {
    let connection = try await Connection.open(configuration, to: target, on: loop, logger: logger)
    do {
      let jid = try await withTaskCancellationHandler {
        try await connection.established.get()
      } onCancel: {
        connection.channel.close(promise: nil)
      }
      return XMPPClient(connection, jid: jid)
    } catch let error as XMPPClientError {
      throw error
    } catch {
      throw .disconnected(configuration.jid.domain, String(describing: error))
    }
  }
}
