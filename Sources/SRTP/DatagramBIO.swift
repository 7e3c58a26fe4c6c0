import COpenSSL
import NIOCore

/// An OpenSSL BIO whose datagrams are `ByteBuffer`s: one to be read, and a bounded queue of those to be sent.
///
/// OpenSSL keeps an unowned pointer to this object, which must outlive all uses of `bio`.
package final class DatagramBIO {
  /// The most datagrams that wait to be sent, more than the flights of a handshake need with certificate chains of any
  /// reasonable length.
  package static let outgoingLimit = 64

  /// The BIO, owned by the SSL that it is passed to with `SSL_set_bio`.
  package let bio: OpaquePointer
  package var incoming: ByteBuffer?
  package private(set) var outgoing = CircularBuffer<ByteBuffer>()
  /// The number of datagrams dropped because the queue was full.
  package private(set) var dropped = 0
  private let method: OpaquePointer

  /// - Throws: `DTLSError.library`.
  package init() throws(DTLSError) {
    guard let method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "ByteBuffer datagrams") else { throw .lastOpenSSLError }
    BIO_meth_set_read(method) { bio, bytes, count in DatagramBIO.of(bio).read(into: bytes, count: count) }
    BIO_meth_set_write(method) { bio, bytes, count in DatagramBIO.of(bio).write(bytes, count: count) }
    BIO_meth_set_ctrl(method) { _, command, _, _ in
      switch command {
      case BIO_CTRL_FLUSH: 1
      // BIO_CTRL_DGRAM_GET_MTU_OVERHEAD is 0 as well: the MTU that we set is that of our payload.
      default: 0
      }
    }
    guard let bio = BIO_new(method) else {
      BIO_meth_free(method)
      throw .lastOpenSSLError
    }
    self.method = method
    self.bio = bio
    BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
    BIO_set_init(bio, 1)
  }

  deinit {
    BIO_meth_free(method)
  }

  package func popOutgoing() -> ByteBuffer? {
    outgoing.popFirst()
  }

  private static func of(_ bio: OpaquePointer?) -> DatagramBIO {
    Unmanaged.fromOpaque(BIO_get_data(bio)).takeUnretainedValue()
  }

  /// Reads as `recv` does: what does not fit is lost.
  private func read(into bytes: UnsafeMutablePointer<CChar>?, count: Int32) -> Int32 {
    shim_BIO_clear_retry_flags(bio)
    guard let datagram = incoming, let bytes else {
      shim_BIO_set_retry_read(bio)
      return -1
    }
    incoming = nil
    return datagram.withUnsafeReadableBytes { readable in
      let length = min(readable.count, Int(count))
      UnsafeMutableRawBufferPointer(start: bytes, count: length).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: readable[..<length]))
      return Int32(length)
    }
  }

  private func write(_ bytes: UnsafePointer<CChar>?, count: Int32) -> Int32 {
    shim_BIO_clear_retry_flags(bio)
    push(DTLSRecord.joiningHandshake(in: UnsafeRawBufferPointer(start: bytes, count: Int(count))))
    return count
  }

  /// Sends as on a busy interface: what finds no room is lost, and DTLS repeats it.
  func push(_ datagram: ByteBuffer) {
    guard outgoing.count < Self.outgoingLimit else {
      dropped += 1
      return
    }
    outgoing.append(datagram)
  }
}
