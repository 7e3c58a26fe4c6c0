import NIOCore

extension ByteBuffer {
  /// The bytes that pairs of hexadecimal digits stand for.
  init(hex: String) {
    self.init()
    var rest = Substring(hex)
    while let byte = UInt8(rest.prefix(2), radix: 16) {
      writeInteger(byte)
      rest = rest.dropFirst(2)
    }
  }
}
