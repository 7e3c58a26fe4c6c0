import NIOCore

/// Writes the document to who has connected, and closes the connection.
final class StatusHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// For a reader that does not read.
  static let patience = TimeAmount.seconds(10)

  private let status: () -> ServiceStatus
  private var limit: Scheduled<Void>?

  init(status: @escaping () -> ServiceStatus) {
    self.status = status
  }

  func channelActive(context: ChannelHandlerContext) {
    limit = context.eventLoop.assumeIsolated().scheduleTask(in: Self.patience) { context.close(promise: nil) }
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: status().json + "\n"))).assumeIsolated()
      .whenComplete { _ in context.close(promise: nil) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    limit?.cancel()
  }

  /// Whatever somebody sends is not looked at.
  func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
