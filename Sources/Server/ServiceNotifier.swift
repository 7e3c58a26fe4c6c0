import Glibc
import NIOCore
import Settings

/// What a service tells systemd: datagrams of lines to a socket that it names (sd_notify(3), of which that page says that
/// the protocol is stable and may be spoken without the library).
struct ServiceNotifier: Sendable {
  private let socketPath: String
  /// The service is restarted where it is silent for this long.
  let watchdog: TimeAmount?

  /// Nil where nobody asked to be told.
  static func fromEnvironment() -> ServiceNotifier? {
    guard let path = Password.environment("NOTIFY_SOCKET"), path.hasPrefix("/") || path.hasPrefix("@") else {
      return nil
    }
    let microseconds = Password.environment("WATCHDOG_USEC").flatMap(Int64.init)
    let isOurs = Password.environment("WATCHDOG_PID").map { $0 == String(getpid()) } ?? true
    return ServiceNotifier(
      socketPath: path, watchdog: isOurs ? microseconds.map { .microseconds($0) } : nil)
  }

  init(socketPath: String, watchdog: TimeAmount?) {
    self.socketPath = socketPath
    self.watchdog = watchdog
  }

  func ready() { send("READY=1") }
  func stopping() { send("STOPPING=1") }
  func alive() { send("WATCHDOG=1") }

  private func send(_ state: String) {
    let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var path = Array(socketPath.utf8)
    // "@" stands for the zero octet of the abstract namespace (unix(7)).
    if path.first == UInt8(ascii: "@") { path[0] = 0 }
    let capacity = MemoryLayout.size(ofValue: address.sun_path)
    guard path.count < capacity else { return }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    let length = socklen_t(MemoryLayout<sockaddr_un>.size - capacity + path.count)
    let bytes = Array(state.utf8)
    _ = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL), $0, length)
      }
    }
  }
}
