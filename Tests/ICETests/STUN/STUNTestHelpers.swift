import ICE
import NIOCore
import Testing

/// An IP address literal.
func stunAddress(_ ip: String, _ port: Int) -> SocketAddress {
  guard let address = try? SocketAddress(ipAddress: ip, port: port) else {
    preconditionFailure("\(ip) is no IP address")
  }
  return address
}

extension ByteBuffer {
  /// Hexadecimal digits; white space is ignored.
  init(hex: String) {
    let digits = hex.compactMap(\.hexDigitValue)
    precondition(digits.count % 2 == 0, "two digits a byte")
    self.init(bytes: stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
  }
}

/// nil where the parser accepted it.
func stunError(_ buffer: ByteBuffer) -> STUNError? {
  do throws(STUNError) {
    _ = try STUNMessage(parsing: buffer)
    return nil
  } catch {
    return error
  }
}
