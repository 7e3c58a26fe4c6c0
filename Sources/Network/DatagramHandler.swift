import ICE
import NIOCore

/// Hands each datagram of one socket to the driver on the loop that both share: no task and no hop per packet.
final class DatagramHandler<Engine: NetworkEngine>: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>

  private let endpoint: LocalEndpoint
  private let driver: EngineDriver<Engine>

  init(endpoint: LocalEndpoint, driver: EngineDriver<Engine>) {
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

  func channelInactive(context: ChannelHandlerContext) {
    let endpoint = endpoint
    driver.assumeIsolated { $0.socketClosed(endpoint) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    let endpoint = endpoint
    driver.assumeIsolated { $0.socketFailed(endpoint, error) }
  }
}
