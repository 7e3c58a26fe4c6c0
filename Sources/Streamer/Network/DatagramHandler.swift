import ICE
import NIOCore

/// Hands each datagram of one socket to the driver on the loop that both share: no task and no hop per packet.
final class DatagramHandler: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>

  private let endpoint: LocalEndpoint
  private let driver: PeerDriver

  init(endpoint: LocalEndpoint, driver: PeerDriver) {
    self.endpoint = endpoint
    self.driver = driver
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let envelope = unwrapInboundIn(data)
    let endpoint = endpoint
    driver.assumeIsolated { $0.receive(envelope.data, from: envelope.remoteAddress, on: endpoint) }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    driver.assumeIsolated { $0.advance() }
  }

  /// The kernel refused a datagram (no route, no buffer), and NIO closes a socket for that.
  func channelInactive(context: ChannelHandlerContext) {
    let endpoint = endpoint
    driver.assumeIsolated { $0.socketClosed(endpoint) }
  }

  /// ICMP errors surface here; a path that is gone shows in ICE's own checks.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
