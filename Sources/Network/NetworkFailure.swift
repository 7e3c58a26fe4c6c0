import Glibc
import NIOCore
import NIOPosix

/// What an error of the network means to people.
package enum NetworkFailure {
  /// The first of several connection errors is that of the address that the system prefers.
  package static func reason(_ error: any Error) -> String {
    switch error {
    case let error as NIOConnectionError:
      error.connectionErrors.first.map { reason($0.error) } ?? "its name cannot be resolved"
    case let error as IOError: String(cString: strerror(error.errnoCode))
    case ChannelError.connectTimeout: "no answer in 10 s"
    case is ChannelError: "the connection was closed"
    case is CancellationError: "cancelled"
    default: "unexpected \(type(of: error))"
    }
  }
}
