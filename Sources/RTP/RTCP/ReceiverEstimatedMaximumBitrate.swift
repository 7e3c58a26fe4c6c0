import NIOCore

/// REMB: the receiver estimated maximum bitrate (draft-alvestrand-rmcat-remb-03 section 2.2), an application layer
/// feedback message (RFC 4585 section 6.4) that begins with the word "REMB".
package struct ReceiverEstimatedMaximumBitrate: Hashable, Sendable {
  static let format: UInt8 = 15
  static let identifier: UInt32 = 0x5245_4D42

  package var senderSSRC: UInt32
  /// The bitrate in bits per second, with eighteen bits of precision. A value that does not fit in `Int` is read as
  /// `Int.max`.
  package var bitrate: Int
  /// The streams that share this bitrate; at most 255.
  package var ssrcs: [UInt32]

  package init(senderSSRC: UInt32, bitrate: Int, ssrcs: [UInt32]) {
    precondition(bitrate >= 0, "a bitrate is not negative")
    self.senderSSRC = senderSSRC
    self.bitrate = bitrate
    self.ssrcs = ssrcs
  }

  /// Returns nil for an application layer feedback message of another kind.
  ///
  /// - Throws: `RTPError.truncated`.
  init?(parsing body: inout ByteBuffer) throws(RTPError) {
    let senderSSRC = try body.readWord()
    _ = try body.readWord()
    guard body.readInteger() == Self.identifier else { return nil }
    let word = try body.readWord()
    let mantissa = Int(word & 0x3_FFFF)
    let exponent = Int(word >> 18 & 0x3F)
    let bitrate = mantissa.leadingZeroBitCount > exponent ? mantissa << exponent : .max
    self.init(senderSSRC: senderSSRC, bitrate: bitrate, ssrcs: [])
    for _ in 0..<word >> 24 {
      ssrcs.append(try body.readWord())
    }
  }

  func write(to buffer: inout ByteBuffer) {
    precondition(ssrcs.count < 256, "the number of SSRCs has eight bits")
    let exponent = max(0, Int.bitWidth - bitrate.leadingZeroBitCount - 18)
    let word = UInt32(ssrcs.count) << 24 | UInt32(exponent) << 18 | UInt32(bitrate >> exponent)
    buffer.writeRTCPPacket(.payloadSpecificFeedback, count: Int(Self.format)) { body in
      body.writeMultipleIntegers(senderSSRC, UInt32(0), Self.identifier, word)
      for ssrc in ssrcs {
        body.writeInteger(ssrc)
      }
    }
  }
}
