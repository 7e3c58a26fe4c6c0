import Glibc
import NIOCore
import NIOPosix
import Network

/// A socket that takes a few connections at a time, and closes the others.
enum ListeningChannel {
  /// - Parameters:
  ///   - mode: of the file, if the address is a path.
  ///   - limit: the connections at a time.
  static func open(
    _ address: SocketAddress, mode: mode_t, limit: Int32, on eventLoop: any EventLoop,
    configure: @escaping @Sendable (any Channel) throws -> Void
  ) async throws -> any Channel {
    let descriptor = try ListeningSocket.open(address, mode: mode, backlog: limit)
    let connections = NIOLoopBoundBox.makeBoxSendingValue(Int32(0), eventLoop: eventLoop)
    return try await ServerBootstrap(group: eventLoop)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.setCloseOnExec()
          guard connections.value < limit else { throw ChannelError.eof }
          connections.value += 1
          channel.closeFuture.assumeIsolated().whenComplete { _ in connections.value -= 1 }
          try configure(channel)
        }
      }
      .withBoundSocket(descriptor).get()
  }
}
