import CNetlink
import Glibc
import NIOCore

extension InterfaceAddress {
  /// The kernel sends its answers in pages.
  private static let readSize = 32 * 1024
  /// An answer that goes on for longer than this is given up.
  private static let maximumDatagrams = 1024
  private static let sequenceNumber: UInt32 = 1

  /// Every address of the network namespace of the thread that calls (rtnetlink(7): RTM_GETADDR). getifaddrs(3) has
  /// them without their flags.
  static func all() throws(IOError) -> [InterfaceAddress] {
    let descriptor = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue), NETLINK_ROUTE)
    guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket(AF_NETLINK)") }
    defer { close(descriptor) }
    guard request.withUnsafeReadableBytes({ send(descriptor, $0.baseAddress, $0.count, 0) }) > 0 else {
      throw IOError(errnoCode: errno, reason: "send(AF_NETLINK)")
    }
    var answer = Answer()
    for _ in 0..<maximumDatagrams {
      try answer.receive(readDatagram(from: descriptor))
      if answer.isComplete { return answer.addresses }
    }
    throw IOError(errnoCode: EMSGSIZE, reason: "recv(AF_NETLINK)")
  }

  /// The first part of a dump is there when the request has been sent, and each further one when that before it has
  /// been read: nothing is waited for.
  static func readDatagram(from descriptor: CInt) throws(IOError) -> ByteBuffer {
    var source = sockaddr_nl()
    var count = 0
    var datagram = ByteBuffer()
    datagram.writeWithUnsafeMutableBytes(minimumWritableBytes: readSize) { bytes in
      var length = socklen_t(MemoryLayout<sockaddr_nl>.size)
      count = withUnsafeMutablePointer(to: &source) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          recvfrom(descriptor, bytes.baseAddress, bytes.count, CInt(MSG_DONTWAIT), $0, &length)
        }
      }
      return max(0, count)
    }
    guard count > 0 else { throw IOError(errnoCode: count == 0 ? EPROTO : errno, reason: "recv(AF_NETLINK)") }
    // "the kernel's nl_pid is 0": other processes can send to this socket too (netlink(7)).
    return source.nl_pid == 0 ? datagram : ByteBuffer()
  }

  /// A struct nlmsghdr and a struct ifaddrmsg that names neither family nor interface.
  private static var request: ByteBuffer {
    var buffer = ByteBuffer()
    let length = MemoryLayout<nlmsghdr>.size + MemoryLayout<ifaddrmsg>.size
    // "NLM_F_DUMP … NLM_F_ROOT | NLM_F_MATCH" (netlink(7)).
    let flags = UInt16(NLM_F_REQUEST | NLM_F_ROOT | NLM_F_MATCH)
    buffer.writeMultipleIntegers(
      UInt32(length), UInt16(RTM_GETADDR), flags, sequenceNumber, UInt32(0), endianness: .host)
    buffer.writeRepeatingByte(0, count: MemoryLayout<ifaddrmsg>.size)
    return buffer
  }

  /// What came in answer to RTM_GETADDR so far.
  struct Answer {
    private(set) var addresses: [InterfaceAddress] = []
    private(set) var isComplete = false

    /// An address that cannot be read is left out.
    mutating func receive(_ datagram: ByteBuffer) throws(IOError) {
      guard let messages = try? NetlinkMessage.parse(datagram) else {
        throw IOError(errnoCode: EPROTO, reason: "recv(AF_NETLINK)")
      }
      for message in messages where !isComplete {
        switch message {
        case .newAddress(let body):
          if let address = try? InterfaceAddress(parsing: body) { addresses.append(address) }
        case .done: isComplete = true
        case .error(let code): throw IOError(errnoCode: code, reason: "RTM_GETADDR")
        case .link, .deletedAddress, .overrun, .other: break
        }
      }
    }
  }
}
