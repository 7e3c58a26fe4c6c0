import Glibc
import NIOCore
import NIOPosix

/// Tells whoever connects to a Unix socket how the service is doing, in one document; nothing is read. Who may connect is a
/// matter of the file's mode.
struct StatusServer {
  /// Those who look at it, each for a moment.
  static let maximumConnections: Int32 = 8
  /// No group's: who reads the pairing code becomes the admin.
  private static let mode: mode_t = 0o600
  static let name = "status.sock"

  private let path: String
  private let channel: any Channel

  /// - Parameters:
  ///   - directory: made if it is not there.
  ///   - status: called on the event loop for each connection.
  /// - Throws: `IOError`, or what NIO throws.
  static func open(
    in directory: String, on eventLoop: any EventLoop, status: @escaping @Sendable () -> ServiceStatus
  ) async throws -> StatusServer {
    let path = "\(directory)/\(name)"
    // What fails here fails at the socket.
    mkdir(directory, 0o700)
    let channel = try await ListeningChannel.open(
      try SocketAddress(unixDomainSocketPath: path), mode: mode, limit: maximumConnections, on: eventLoop
    ) { channel in
      try channel.pipeline.syncOperations.addHandler(StatusHandler(status: status))
    }
    return StatusServer(path: path, channel: channel)
  }

  func close() {
    // First the name: whoever starts now must not have his own taken away.
    unlink(path)
    channel.close(promise: nil)
  }
}
