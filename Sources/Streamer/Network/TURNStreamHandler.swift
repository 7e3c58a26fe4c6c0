import Glibc
import ICE
import NIOCore
import NIOSSL
import NIOTLS

/// The last handler of a connection to a TURN server: hands its messages to the driver, on the loop that both share.
final class TURNStreamHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let endpoint: LocalEndpoint
  private let server: SocketAddress
  /// Whose certificate the server must have; nil: there is no TLS.
  private let serverName: String?
  private let driver: PeerDriver
  private var decoder = TURNStreamDecoder()
  /// Why it ends, where that is known.
  private var reason = "the server closed the connection"

  init(endpoint: LocalEndpoint, server: SocketAddress, serverName: String?, driver: PeerDriver) {
    self.endpoint = endpoint
    self.server = server
    self.serverName = serverName
    self.driver = driver
  }

  func channelActive(context: ChannelHandlerContext) {
    if serverName == nil { opened() }
    context.fireChannelActive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case TLSUserEvent.handshakeCompleted = event, let serverName { secured(context, serverName) }
    context.fireUserInboundEventTriggered(event)
  }

  private func secured(_ context: ChannelHandlerContext, _ serverName: String) {
    let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
    guard ServerIdentity.isProven(by: certificate, of: serverName) else {
      return errorCaught(context: context, error: NIOSSLExtraError.failedToValidateHostname)
    }
    opened()
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
      reason = "the server sends what is no TURN"
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
    reason = Self.reason(error)
    context.close(promise: nil)
  }

  /// What went wrong, for people.
  static func reason(_ error: any Error) -> String {
    switch error {
    case let error as NIOSSLExtraError where error == .failedToValidateHostname:
      "the server's certificate is for another name"
    case NIOSSLError.unableToValidateCertificate, NIOSSLError.noCertificateToValidate:
      "the server's certificate is not trusted"
    case NIOSSLError.handshakeFailed(let cause) where String(describing: cause).contains("CERTIFICATE_VERIFY_FAILED"):
      "the server's certificate is not trusted; name a CA of your own with --ca-file"
    case NIOSSLError.handshakeFailed: "the server does not speak TLS 1.2 or later here"
    case NIOSSLError.uncleanShutdown: "the server closed the connection"
    case let error as IOError where [ECONNRESET, EPIPE].contains(error.errnoCode): "the server closed the connection"
    case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: "TLS failed"
    default: XMPPClientError.reason(error)
    }
  }
}
