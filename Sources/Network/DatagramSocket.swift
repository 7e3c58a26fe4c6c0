import Glibc
import ICE
import NIOCore
import NIOPosix

/// One UDP socket: NIO reads it, and bursts leave by a system call of their own, straight from the packets' buffers.
///
/// NIO's write costs as much again as that call, wants a burst copied into one buffer, and closes the socket where there
/// is no route for a moment. What the kernel does not take at once waits in NIO's queue all the same.
final class DatagramSocket {
  let channel: any Channel
  /// A duplicate of the channel's descriptor, so that its number is nobody else's when NIO closes that one.
  private let descriptor: CInt
  private var offloadsSegmentation = System.supportsUDPSegmentationOffload
  /// Datagrams in NIO's queue.
  private var waiting = 0

  /// A descriptor for NIO's bootstrap, bound to `address`, where port 0 lets the system choose.
  ///
  /// - Parameter remote: the only address that will be sent to; then the system reports ICMP errors (udp(7)).
  static func descriptor(
    boundTo address: SocketAddress, connectedTo remote: SocketAddress? = nil
  ) throws(IOError) -> CInt {
    let kind = CInt(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(CInt(address.protocol.rawValue), kind, 0)
    guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
    guard address.withSockAddr({ Glibc.bind(descriptor, $0, socklen_t($1)) }) == 0 else {
      let error = errno
      Glibc.close(descriptor)
      throw IOError(errnoCode: error, reason: "bind")
    }
    if let remote, remote.withSockAddr({ Glibc.connect(descriptor, $0, socklen_t($1)) }) != 0 {
      let error = errno
      Glibc.close(descriptor)
      throw IOError(errnoCode: error, reason: "connect")
    }
    return descriptor
  }

  /// `channel` owns `descriptor`; nil where it is closed already.
  init?(channel: any Channel, descriptor: CInt) {
    guard channel.isActive else { return nil }
    self.channel = channel
    self.descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard self.descriptor >= 0 else { return nil }
  }

  deinit { Glibc.close(descriptor) }

  /// - Returns: the error number where the system lost a datagram for another reason than its size; else 0.
  @discardableResult
  func send(_ burst: DatagramBurst) -> CInt {
    let (count, refusal) = waiting == 0 ? sendNow(burst.datagrams) : (0, 0)
    let rest = burst.datagrams[count...]
    guard !rest.isEmpty else { return refusal }
    for datagram in rest {
      waiting += 1
      let written = channel.eventLoop.makePromise(of: Void.self)
      written.futureResult.assumeIsolated().whenComplete { _ in self.waiting -= 1 }
      channel.write(AddressedEnvelope(remoteAddress: datagram.remote, data: datagram.payload), promise: written)
    }
    channel.flush()
    return refusal
  }

  /// How many are out, or lost as datagrams are, and why.
  private func sendNow(_ datagrams: [Transmit]) -> (count: Int, refusal: CInt) {
    if offloadsSegmentation, datagrams.count > 1 {
      switch write(datagrams[...]) {
      case EAGAIN: return (0, 0)
      // From then on they go one by one.
      case let error where DatagramBurst.isRefusal(error): offloadsSegmentation = false
      case let error: return (datagrams.count, error)
      }
    }
    var refusal: CInt = 0
    for index in datagrams.indices {
      switch write(datagrams[index...index]) {
      case EAGAIN: return (index, refusal)
      case 0, EMSGSIZE: break
      case let error: refusal = error
      }
    }
    return (datagrams.count, refusal)
  }

  /// The error number, or 0.
  private func write(_ datagrams: ArraySlice<Transmit>) -> CInt {
    guard let first = datagrams.first else { return 0 }
    return withUnsafeTemporaryAllocation(of: iovec.self, capacity: datagrams.count) { vectors in
      Self.withVectors(of: datagrams, in: vectors) {
        first.remote.withSockAddr { address, length in
          var message = msghdr()
          message.msg_name = UnsafeMutableRawPointer(mutating: address)
          message.msg_namelen = socklen_t(length)
          message.msg_iov = vectors.baseAddress
          message.msg_iovlen = numericCast(vectors.count)
          let flags = CInt(MSG_DONTWAIT | MSG_NOSIGNAL)
          guard datagrams.count > 1 else { return sendmsg(descriptor, &message, flags) < 0 ? errno : 0 }
          var segment = SegmentSize(UInt16(first.payload.readableBytes))
          return withUnsafeMutablePointer(to: &segment) { control in
            message.msg_control = UnsafeMutableRawPointer(control)
            message.msg_controllen = numericCast(MemoryLayout<SegmentSize>.stride)
            return sendmsg(descriptor, &message, flags) < 0 ? errno : 0
          }
        }
      }
    }
  }

  private static func withVectors<Result>(
    of datagrams: ArraySlice<Transmit>, in vectors: UnsafeMutableBufferPointer<iovec>, _ body: () -> Result
  ) -> Result {
    guard let datagram = datagrams.first else { return body() }
    return datagram.payload.withUnsafeReadableBytes { bytes in
      vectors[vectors.count - datagrams.count] = iovec(
        iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
      return withVectors(of: datagrams.dropFirst(), in: vectors, body)
    }
  }

  /// A control message (cmsg(3): the header, then the data, then padding to a whole word).
  private struct SegmentSize {
    /// udp(7): UDP_SEGMENT, of which the C library's header says nothing to Swift.
    private static let option: CInt = 103

    private var header = cmsghdr()
    private let size: UInt16

    init(_ size: UInt16) {
      header.cmsg_len = numericCast(MemoryLayout<cmsghdr>.size + MemoryLayout<UInt16>.size)
      header.cmsg_level = CInt(IPPROTO_UDP)
      header.cmsg_type = Self.option
      self.size = size
    }
  }
}
