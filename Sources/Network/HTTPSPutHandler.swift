import NIOCore
import NIOHTTP1
import NIOSSL
import NIOTLS

/// The last handler of a connection that ``HTTPSPut`` opened: sends the file once the server has shown who it is, and
/// tells the status of its answer.
final class HTTPSPutHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart

  private let request: HTTPRequestHead
  private let file: ByteBuffer
  private let answer: EventLoopPromise<HTTPResponseStatus>

  init(request: HTTPRequestHead, file: ByteBuffer, answer: EventLoopPromise<HTTPResponseStatus>) {
    self.request = request
    self.file = file
    self.answer = answer
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case TLSUserEvent.handshakeCompleted = event { send(context) }
    context.fireUserInboundEventTriggered(event)
  }

  private func send(_ context: ChannelHandlerContext) {
    context.write(wrapOutboundOut(.head(request)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(file))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  /// What follows the status is not waited for.
  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .head(let head) = unwrapInboundIn(data) else { return }
    answer.succeed(head.status)
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    answer.fail(NIOSSLError.uncleanShutdown)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    answer.fail(TLSFailure(error, in: context) ?? error)
    context.close(promise: nil)
  }
}
