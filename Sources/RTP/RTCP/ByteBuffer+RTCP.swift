import NIOCore

extension ByteBuffer {
  /// Writes one RTCP packet: the common header (RFC 3550 section 6.4.1), then what `body` writes, whose length must be
  /// a multiple of four bytes.
  ///
  /// - Parameter count: the five-bit field of the header, which is the number of blocks, sources or chunks, or the
  ///   feedback message type.
  mutating func writeRTCPPacket(_ type: RTCPPacketType, count: Int, body: (inout ByteBuffer) -> Void) {
    precondition(count < 32, "RC, SC and FMT have five bits")
    let start = writerIndex
    writeMultipleIntegers(0x80 | UInt8(count), type.rawValue, UInt16(0))
    body(&self)
    let words = (writerIndex - start) / 4 - 1
    setInteger(UInt16(words), at: start + 2)
  }

  /// Reads a 32-bit word.
  ///
  /// - Throws: `RTPError.truncated`.
  mutating func readWord() throws(RTPError) -> UInt32 {
    guard let word: UInt32 = readInteger() else { throw .truncated }
    return word
  }
}
