import NIOCore

extension STUNMessage {
  /// The most attributes that a message may have, more than any of ICE or TURN has. It bounds what one datagram can
  /// make us keep.
  static let maximumAttributes = 64

  /// Whether a datagram is STUN and not DTLS, RTP or ChannelData (RFC 7983 section 7), according to its first byte, the
  /// magic cookie and the length.
  package static func looksLikeSTUN(_ buffer: ByteBuffer) -> Bool {
    let start = buffer.readerIndex
    guard
      buffer.readableBytes >= headerLength,
      let type = buffer.getInteger(at: start, as: UInt16.self), type < 0x4000,
      let length = buffer.getInteger(at: start + 2, as: UInt16.self), length % 4 == 0,
      Int(length) == buffer.readableBytes - headerLength
    else { return false }
    return buffer.getInteger(at: start + 4, as: UInt32.self) == magicCookie
  }

  /// Parses one datagram. Values are slices of `buffer`; only texts are copied.
  ///
  /// - Throws: `STUNError`.
  package init(parsing buffer: ByteBuffer) throws(STUNError) {
    let whole = buffer.slice()
    var rest = whole
    guard
      let type = rest.readInteger(as: UInt16.self), let length = rest.readInteger(as: UInt16.self),
      let cookie = rest.readInteger(as: UInt32.self), let high = rest.readInteger(as: UInt32.self),
      let low = rest.readInteger(as: UInt64.self)
    else { throw .truncated }
    guard type < 0x4000, cookie == Self.magicCookie else { throw .notSTUN }
    guard length % 4 == 0, Int(length) == rest.readableBytes else { throw .lengthMismatch }

    self.init(
      Self.messageClass(ofType: type), Self.method(ofType: type), transactionID: TransactionID(high: high, low: low))
    var count = 0
    while rest.readableBytes > 0 {
      count += 1
      guard count <= Self.maximumAttributes else { throw .tooManyAttributes }
      guard !hasFingerprint else { throw .fingerprintNotLast }
      try parseAttribute(from: &rest, of: whole)
    }
  }

  private mutating func parseAttribute(from rest: inout ByteBuffer, of whole: ByteBuffer) throws(STUNError) {
    let start = rest.readerIndex
    // The lengths of the message and of every attribute with its padding are multiples of four, so that a header is
    // never cut off.
    guard let type = rest.readInteger(as: UInt16.self), let length = rest.readInteger(as: UInt16.self) else {
      throw .truncated
    }
    let padding = (4 - Int(length) % 4) % 4
    guard let value = rest.readSlice(length: Int(length)), rest.readSlice(length: padding) != nil else {
      throw .attributeOverrun(type: type)
    }
    // The slice begins with the first byte of the message, so that an index equals a length.
    let covered = whole.getSlice(at: 0, length: start) ?? ByteBuffer()
    switch type {
    case STUNAttribute.Code.fingerprint:
      guard value.readableBytes == Self.fingerprintLength else { throw .malformedAttribute(type: type) }
      guard value.getInteger(at: 0, as: UInt32.self) == Self.fingerprint(of: covered) else {
        throw .fingerprintMismatch
      }
      hasFingerprint = true
    case _ where isSigned:
      // "agents MUST ignore all other attributes that follow MESSAGE-INTEGRITY" (RFC 8489 section 14.5).
      break
    case STUNAttribute.Code.messageIntegrity:
      guard value.readableBytes == Self.integrityLength else { throw .malformedAttribute(type: type) }
      signature = Signature(covered: covered, code: value)
    default:
      attributes.append(try STUNAttribute(type: type, value: value, transactionID: transactionID))
    }
  }

  private static func messageClass(ofType type: UInt16) -> STUNMessageClass {
    switch (type & 0x0100 != 0, type & 0x0010 != 0) {
    case (false, false): .request
    case (false, true): .indication
    case (true, false): .success
    case (true, true): .error
    }
  }

  private static func method(ofType type: UInt16) -> STUNMethod {
    STUNMethod(rawValue: (type & 0x3E00) >> 2 | (type & 0x00E0) >> 1 | (type & 0x000F))
  }
}
