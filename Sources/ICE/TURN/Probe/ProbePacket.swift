import NIOCore

/// A packet that a TURN probe sends through a relay: a token that only this probe knows, a number, and zeros.
struct ProbePacket {
  let token: UInt64
  let number: UInt32

  static let headerLength = 12

  init(token: UInt64, number: Int) {
    self.token = token
    self.number = UInt32(number)
  }

  /// Parses a packet; returns nil if it is not one of this probe.
  init?(_ payload: ByteBuffer, token: UInt64) {
    var payload = payload
    guard payload.readInteger(as: UInt64.self) == token, let number = payload.readInteger(as: UInt32.self) else {
      return nil
    }
    self.token = token
    self.number = number
  }

  func encoded(length: Int) -> ByteBuffer {
    var buffer = ByteBuffer()
    buffer.writeMultipleIntegers(token, number)
    buffer.writeRepeatingByte(0, count: length - Self.headerLength)
    return buffer
  }
}
