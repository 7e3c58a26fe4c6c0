import NIOCore
import Network

/// Where metrics can be read: at a Unix socket, or at a port that only this computer reaches.
package enum MetricsAddress: Hashable, Sendable {
  case unixSocket(path: String)
  case loopback(SocketAddress)

  private static let scheme = "unix:"
  private static let hint = "write unix:/run/jinglecam/metrics.sock or 127.0.0.1:9464"

  /// `unix:PATH`, or an address of loopback with a port.
  package init(parsing text: String) throws(SettingError) {
    if text.hasPrefix(Self.scheme) {
      let path = String(text.dropFirst(Self.scheme.count))
      guard path.hasPrefix("/"), (try? SocketAddress(unixDomainSocketPath: path)) != nil else {
        throw SettingError(
          of: .option("metrics"), "'\(text)' has no absolute path of at most 103 bytes", cure: Self.hint, .usage)
      }
      self = .unixSocket(path: path)
      return
    }
    guard let (host, port) = HostPort.split(text[...]), let port,
      let address = try? SocketAddress(ipAddress: host, port: port)
    else {
      throw SettingError(
        of: .option("metrics"), "'\(text)' is not an address with a port", cure: Self.hint, .usage)
    }
    // There is no password, and they tell who is at home.
    guard HostInterfaces.isLoopback(address) else {
      throw SettingError(
        of: .option("metrics"), "'\(text)' is not loopback: others could read along", cure: Self.hint, .usage)
    }
    self = .loopback(address)
  }

  package var socketAddress: SocketAddress {
    get throws {
      switch self {
      case .unixSocket(let path): try SocketAddress(unixDomainSocketPath: path)
      case .loopback(let address): address
      }
    }
  }
}

extension MetricsAddress: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unixSocket(let path): Self.scheme + path
    case .loopback(let address): address.text
    }
  }
}
