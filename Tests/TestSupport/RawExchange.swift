import NIOCore
import NIOPosix

/// A connection on which bytes are said, and all that comes until the other side ends it.
package enum RawExchange {
  package static func send(_ text: String, to address: SocketAddress) async throws -> String {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let (received, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
    let channel = try await ClientBootstrap(group: loop)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Collector(continuation))
        }
      }
      .connect(to: address).get()
    // Whoever does not want us may have gone already.
    try? await channel.writeAndFlush(ByteBuffer(string: text)).get()
    var answer = ByteBuffer()
    for await bytes in received { answer.writeImmutableBuffer(bytes) }
    return String(buffer: answer)
  }

  private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let received: AsyncStream<ByteBuffer>.Continuation

    init(_ received: AsyncStream<ByteBuffer>.Continuation) {
      self.received = received
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      received.yield(unwrapInboundIn(data))
    }

    func channelInactive(context: ChannelHandlerContext) {
      received.finish()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }
  }
}
