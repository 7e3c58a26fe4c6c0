import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Takes TLS connections on loopback, hangs up at the first bytes within them, and keeps those.
final class TLSServer: Sendable {
  let address: SocketAddress
  private let channel: any Channel
  private let log: Log

  private final class Log: Sendable {
    let bytes = Mutex<[UInt8]>([])
  }

  init(_ identity: TestAuthority.Identity) async throws {
    let context = try NIOSSLContext(
      configuration: .makeServerConfiguration(
        certificateChain: try NIOSSLCertificate.fromPEMFile(identity.certificate).map { .certificate($0) },
        privateKey: .privateKey(try NIOSSLPrivateKey(file: identity.key, format: .pem))))
    let log = Log()
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
          try channel.pipeline.syncOperations.addHandler(Handler(log))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    address = channel.localAddress!
    self.log = log
  }

  /// What clients sent once they trusted.
  var received: [UInt8] { log.bytes.withLock { $0 } }

  func stop() async throws { try await channel.close() }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let log: Log

    init(_ log: Log) { self.log = log }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      log.bytes.withLock { $0 += unwrapInboundIn(data).readableBytesView }
      context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }
}
