import Glibc
import ICE
import NIOCore

/// Datagrams that may leave in one system call, by UDP segmentation offload (udp(7): UDP_SEGMENT): of one socket, to one
/// address, of equal size but for a shorter last one, as the packets of a frame are.
///
/// A send costs 3.5 µs a datagram on its own, and a quarter of that in a burst.
struct DatagramBurst {
  /// UDP_MAX_SEGMENTS of Linux before 6.9.
  static let maximumCount = 64
  /// All segments travel the stack as one datagram: 65,535 bytes with the headers of IPv6 and UDP.
  static let maximumLength = 65_535 - 40 - 8

  private(set) var datagrams: [Transmit] = []
  private var length = 0

  /// False where `datagram` must not follow those that are here already.
  mutating func append(_ datagram: Transmit) -> Bool {
    let size = datagram.payload.readableBytes
    if let first = datagrams.first, let last = datagrams.last {
      let segment = first.payload.readableBytes
      guard
        datagram.endpoint == first.endpoint, datagram.remote == first.remote,
        last.payload.readableBytes == segment, 0 < size, size <= segment,
        datagrams.count < Self.maximumCount, length + size <= Self.maximumLength
      else { return false }
    }
    datagrams.append(datagram)
    length += size
    return true
  }

  mutating func removeAll() {
    datagrams.removeAll(keepingCapacity: true)
    length = 0
  }

  /// One behind the other, for a connection.
  func joined(allocator: ByteBufferAllocator) -> ByteBuffer? {
    guard datagrams.count > 1 else { return datagrams.first?.payload }
    var bytes = allocator.buffer(capacity: length)
    for datagram in datagrams { bytes.writeImmutableBuffer(datagram.payload) }
    return bytes
  }

  /// What Linux answers where bursts cannot go and single datagrams may: the device computes no checksums (EIO, before
  /// 6.11), or a segment exceeds the path MTU (EINVAL, lately EMSGSIZE).
  static func isRefusal(_ error: CInt) -> Bool {
    error == EIO || error == EINVAL || error == EMSGSIZE
  }
}
