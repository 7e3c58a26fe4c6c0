import ICE
import NIOCore
import NIOTLS

/// The last handler of a connection to a TURN server: hands its messages to the driver, on the loop that both share.
final class TURNStreamHandler<Engine: NetworkEngine>: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let endpoint: LocalEndpoint
  private let server: SocketAddress
  private let isSecured: Bool
  private let driver: EngineDriver<Engine>
  private var decoder = TURNStreamDecoder()
  /// Why it ends, where that is known.
  private var reason = "the server closed the connection"

  /// - Parameter isSecured: whether there is TLS.
  init(endpoint: LocalEndpoint, server: SocketAddress, isSecured: Bool, driver: EngineDriver<Engine>) {
    self.endpoint = endpoint
    self.server = server
    self.isSecured = isSecured
    self.driver = driver
  }

  func channelActive(context: ChannelHandlerContext) {
    if !isSecured { opened() }
    context.fireChannelActive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case TLSUserEvent.handshakeCompleted = event { opened() }
    context.fireUserInboundEventTriggered(event)
  }

  private func opened() {
    let endpoint = endpoint
    driver.assumeIsolated { $0.connectionOpened(endpoint) }
  }

  /// Nothing else begins where a message is malformed: the connection is of no more use.
  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let (endpoint, server) = (endpoint, server)
    decoder.append(unwrapInboundIn(data))
    do throws(TURNStreamError) {
      while let message = try decoder.next() {
        driver.assumeIsolated { $0.receive(message, from: server, on: endpoint) }
      }
    } catch {
      decoder = TURNStreamDecoder()
      reason = "the server does not speak TURN"
      context.close(promise: nil)
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    driver.assumeIsolated { $0.advance() }
  }

  func channelInactive(context: ChannelHandlerContext) {
    let (endpoint, reason) = (endpoint, reason)
    driver.assumeIsolated { $0.connectionClosed(endpoint, reason: reason) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    reason = TLSClientContext.reason(TLSFailure(error, in: context) ?? error)
    context.close(promise: nil)
  }
}
