import NIOCore
import Synchronization

/// The `exporter_master_secret` of the latest TLS 1.3 handshake of a context (RFC 8446 section 7.1), from NIOSSL's key log:
/// it has no interface to TLS's exporters.
///
/// A handshake logs it just before it completes, on the connection's event loop. Where all connections of the context are of
/// one loop, what is taken as a handshake completes is of that very connection.
final class TLSExporterSecret: Sendable {
  private let secret = Mutex<[UInt8]?>(nil)

  /// Takes a line of the key log, `EXPORTER_SECRET CLIENT-RANDOM SECRET` in hexadecimal.
  @Sendable func receive(_ line: ByteBuffer) {
    let words = line.readableBytesView.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
    guard words.count == 3, words[0].elementsEqual("EXPORTER_SECRET".utf8) else { return }
    let digits = words[2].compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
    let bytes = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    secret.withLock { $0 = bytes }
  }

  func take() -> [UInt8]? {
    secret.withLock { secret in
      defer { secret = nil }
      return secret
    }
  }
}
