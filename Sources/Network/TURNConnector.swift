import ICE
import NIOCore
import NIOPosix

/// Opens connections to TURN servers by TCP and TLS; for one event loop, on which everything here runs.
final class TURNConnector {
  private let eventLoop: any EventLoop
  private let caFile: String?
  private var context: EventLoopFuture<TLSClientContext>?

  /// What the kernel may hold that was not sent yet: what waits is best left out, and only we can.
  private static let unsentLimit = 32 * 1024
  /// A large key frame, at 2 Mbit/s half a second. Beyond that frames are left out until it has drained.
  private static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 32 * 1024, high: 128 * 1024)
  /// TCP_NOTSENT_LOWAT (tcp(7)).
  private static let unsentLowWaterMark = NIOBSDSocket.Option(rawValue: 25)

  init(on eventLoop: any EventLoop, caFile: String?) {
    self.eventLoop = eventLoop
    self.caFile = caFile
  }

  /// `local` lends its IP address. With a server name the pipeline has TLS, and the certificate must be for that name,
  /// or where that is an IP address for this.
  func connect(
    to server: SocketAddress, from local: SocketAddress, serverName: String?,
    initializer: @escaping @Sendable (any Channel) throws -> Void
  ) -> EventLoopFuture<any Channel> {
    var source = local
    source.port = 0
    let bootstrap = Bootstrap(eventLoop: eventLoop, source: source, server: server)
    guard let serverName else { return bootstrap.connect(initializer) }
    return tlsContext().flatMap { context in
      bootstrap.connect { channel in
        try channel.pipeline.syncOperations.addHandler(context.makeHandler(serverName: serverName))
        try initializer(channel)
      }
    }
  }

  private struct Bootstrap: Sendable {
    let eventLoop: any EventLoop
    let source: SocketAddress
    let server: SocketAddress

    func connect(_ initializer: @escaping @Sendable (any Channel) throws -> Void) -> EventLoopFuture<any Channel> {
      ClientBootstrap(group: eventLoop)
        .bind(to: source)
        .connectTimeout(ConnectionRequest.timeout)
        .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        .channelOption(.tcpOption(TURNConnector.unsentLowWaterMark), value: TURNConnector.unsentLimit)
        .channelOption(.writeBufferWaterMark, value: TURNConnector.waterMark)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.setCloseOnExec()
            try initializer(channel)
          }
        }
        .connect(to: server)
    }
  }

  /// Made once, where it is needed, and not on the loop: reading the system's authorities takes tens of milliseconds.
  private func tlsContext() -> EventLoopFuture<TLSClientContext> {
    if let context { return context }
    let made = NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) { [caFile] in
      try TLSClientContext(caFile: caFile)
    }
    context = made
    return made
  }
}
