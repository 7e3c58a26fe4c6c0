import Glibc

/// A port of loopback whose queue of connections is full and stays so: who connects waits, as where nothing answers.
package final class FullPort: Sendable {
  package let number: Int
  private let descriptors: [CInt]

  package struct Failure: Error {
    let code: CInt
  }

  package init() throws {
    let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    var descriptors = [listener]
    let status = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        guard bind(listener, address, length) == 0, listen(listener, 0) == 0,
          getsockname(listener, address, &length) == 0
        else { return CInt(-1) }
        // One is taken to be accepted; a second is there in any case.
        for _ in 0..<2 {
          let filler = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
          _ = connect(filler, address, length)
          descriptors.append(filler)
        }
        return 0
      }
    }
    self.descriptors = descriptors
    number = Int(UInt16(bigEndian: address.sin_port))
    guard status == 0 else { throw Failure(code: errno) }
  }

  deinit {
    for descriptor in descriptors { close(descriptor) }
  }
}
