import Glibc
import NIOCore

extension Channel {
  /// NIO's own sockets would be inherited by a program that is started meanwhile. On the event loop.
  package func setCloseOnExec() throws {
    _ = try pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) { descriptor in
      fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }
  }
}
