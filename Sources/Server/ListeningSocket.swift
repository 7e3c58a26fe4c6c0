import Glibc
import NIOCore

/// A stream socket that listens, for NIO to take over.
enum ListeningSocket {
  /// - Parameter mode: of the file, if the address is a path.
  static func open(_ address: SocketAddress, mode: mode_t, backlog: CInt) throws(IOError) -> CInt {
    let descriptor = try make(address)
    do throws(IOError) {
      var yes: CInt = 1
      setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
      try bind(descriptor, to: address)
      // Nobody can connect before listen(2), so nobody gets in by the mode that the file was made with.
      if let path = address.pathname { try check(chmod(path, mode), "chmod") }
      try check(listen(descriptor, backlog), "listen")
      return descriptor
    } catch {
      close(descriptor)
      throw error
    }
  }

  /// What a dead process left at the path of a Unix socket makes room; another file, or a socket at which somebody
  /// listens, does not.
  private static func bind(_ descriptor: CInt, to address: SocketAddress) throws(IOError) {
    func attempt() -> CInt {
      address.withSockAddr { Glibc.bind(descriptor, $0, socklen_t($1)) }
    }
    if attempt() == 0 { return }
    let code = errno
    guard code == EADDRINUSE, let path = address.pathname, isSocket(path), try isAbandoned(address) else {
      throw IOError(errnoCode: code, reason: "bind")
    }
    unlink(path)
    try check(attempt(), "bind")
  }

  private static func isSocket(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
  }

  private static func isAbandoned(_ address: SocketAddress) throws(IOError) -> Bool {
    let probe = try make(address)
    defer { close(probe) }
    return address.withSockAddr { connect(probe, $0, socklen_t($1)) } != 0 && errno == ECONNREFUSED
  }

  private static func make(_ address: SocketAddress) throws(IOError) -> CInt {
    let kind = CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(CInt(address.protocol.rawValue), kind, 0)
    try check(descriptor, "socket")
    return descriptor
  }

  private static func check(_ status: CInt, _ reason: String) throws(IOError) {
    guard status >= 0 else { throw IOError(errnoCode: errno, reason: reason) }
  }
}
