import Foundation

/// A port of loopback where somebody listens, to UDP and TCP, and never says a word.
final class SilentPort: Sendable {
  let number: UInt16
  private let descriptors: [Int32]

  private struct Failure: Error {
    let code: Int32
  }

  init() throws {
    let stream = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    let datagram = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    descriptors = [stream, datagram]
    number = try Self.bind(stream, port: 0)
    guard listen(stream, 16) == 0 else { throw Failure(code: errno) }
    _ = try Self.bind(datagram, port: number)
  }

  deinit {
    for descriptor in descriptors { close(descriptor) }
  }

  private static func bind(_ descriptor: Int32, port: UInt16) throws -> UInt16 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    address.sin_port = port.bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Foundation.bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
      }
    }
    guard result == 0 else { throw Failure(code: errno) }
    return UInt16(bigEndian: address.sin_port)
  }
}
