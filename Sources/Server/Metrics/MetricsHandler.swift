import NIOCore
import NIOHTTP1

/// One request and its answer (RFC 9112); then, or where either takes too long, the connection ends.
final class MetricsHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  static let path = "/metrics"
  /// The time that a request may take, from the connection to the last byte. Scrapers give up after ten seconds as well.
  static let patience = TimeAmount.seconds(10)

  private let snapshot: () -> MetricsSnapshot
  private var limit: Scheduled<Void>?
  private var hasAnswered = false

  init(snapshot: @escaping () -> MetricsSnapshot) {
    self.snapshot = snapshot
  }

  func handlerAdded(context: ChannelHandlerContext) {
    limit = context.eventLoop.assumeIsolated().scheduleTask(in: Self.patience) { context.close(promise: nil) }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    limit?.cancel()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .head(let request) = unwrapInboundIn(data), !hasAnswered else { return }
    hasAnswered = true
    switch (request.method, request.uri.prefix { $0 != "?" }) {
    case (.GET, Self.path[...]): answer(.ok, MetricsText(snapshot()).text, context)
    case (_, Self.path[...]): answer(.methodNotAllowed, "only GET is supported\n", context)
    default: answer(.notFound, "see \(Self.path)\n", context)
    }
  }

  private func answer(_ status: HTTPResponseStatus, _ text: String, _ context: ChannelHandlerContext) {
    let body = ByteBuffer(string: text)
    var headers: HTTPHeaders = [
      "Content-Type": status == .ok ? MetricsText.contentType : "text/plain", "Content-Length": "\(body.readableBytes)",
      "Connection": "close",
    ]
    // RFC 9110 section 15.5.6: "The origin server MUST generate an Allow header field in a 405 response".
    if status == .methodNotAllowed { headers.add(name: "Allow", value: "GET") }
    context.write(wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in context.close(promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
