import Glibc
import NIOCore

/// The socket of a service that runs, as who looks into it sees it.
package enum StatusSocket {
  package enum Failure: Error, Equatable, CustomStringConvertible {
    /// Nobody listens at any of these places.
    case notRunning([String])
    case forbidden(String)
    case unusable(String, String)
    /// What came is no document, or one of another version.
    case otherVersion(String)

    package var description: String {
      switch self {
      case .notRunning(let paths):
        "no jinglecam serve is running (there is no \(paths.joined(separator: " nor "))): start it, or name the service "
          + "of one of several cameras with --instance"
      case .forbidden(let path): "you may not open \(path): try sudo jinglecam stats"
      case .unusable(let path, let cause): "\(path) cannot be read: \(cause)"
      case .otherVersion(let path):
        "what runs at \(path) is another version of jinglecam: restart it (sudo systemctl restart jinglecam)"
      }
    }
  }

  /// What the first service says that runs in one of the directories, fit for a terminal: root reads what a service wrote
  /// that is less trusted, and that quotes strangers.
  ///
  /// - Parameter patience: for all that one service says; it answers at once.
  package static func read(
    in directories: [String], patience: TimeAmount = .seconds(5)
  ) throws(Failure) -> ServiceStatus {
    let paths = directories.map { "\($0)/\(StatusServer.name)" }
    for path in paths {
      guard let text = try read(path, patience) else { continue }
      guard let status = ServiceStatus(json: text) else { throw .otherVersion(path) }
      return status.printable
    }
    throw .notRunning(paths)
  }

  /// Nil if nobody listens there.
  private static func read(_ path: String, _ patience: TimeAmount) throws(Failure) -> String? {
    let deadline = NIODeadline.now() + patience
    guard let address = try? SocketAddress(unixDomainSocketPath: path) else {
      throw .unusable(path, "the path is too long")
    }
    let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw .unusable(path, cause(errno)) }
    defer { close(descriptor) }
    // connect(2) waits for a place in the backlog as long as a sender would (unix(7), socket(7)).
    guard limit(SO_SNDTIMEO, of: descriptor, to: deadline) else { throw .unusable(path, cause(EAGAIN)) }
    guard address.withSockAddr({ connect(descriptor, $0, socklen_t($1)) }) == 0 else {
      switch errno {
      case ENOENT, ECONNREFUSED, ENOTDIR: return nil
      case EACCES, EPERM: throw .forbidden(path)
      case let code: throw .unusable(path, cause(code))
      }
    }
    var bytes = [UInt8]()
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while bytes.count <= ServiceStatus.sizeLimit {
      // A service that is less trusted may say a byte now and then.
      guard limit(SO_RCVTIMEO, of: descriptor, to: deadline) else { throw .unusable(path, cause(EAGAIN)) }
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .unusable(path, cause(errno)) }
      guard count > 0 else { break }
      bytes += chunk[..<count]
    }
    let text = String(decoding: bytes, as: UTF8.self)
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }

  /// Limits how long the socket waits; false if the time is over. (A limit of zero would be none.)
  private static func limit(_ option: CInt, of descriptor: CInt, to deadline: NIODeadline) -> Bool {
    let microseconds = Int((deadline - .now()).nanoseconds / 1_000)
    guard microseconds > 0 else { return false }
    var limit = timeval(tv_sec: microseconds / 1_000_000, tv_usec: microseconds % 1_000_000)
    return setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size)) == 0
  }

  private static func cause(_ code: CInt) -> String {
    code == EAGAIN ? "the service does not answer" : String(cString: strerror(code))
  }
}
