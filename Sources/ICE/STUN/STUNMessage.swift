import Crypto
import NIOCore

/// A STUN message (RFC 8489 section 5).
package struct STUNMessage: Sendable {
  package var messageClass: STUNMessageClass
  package var method: STUNMethod
  package var transactionID: TransactionID
  /// The attributes before MESSAGE-INTEGRITY, which therefore may be trusted if the integrity is valid.
  package var attributes: [STUNAttribute]

  /// The bytes that MESSAGE-INTEGRITY covers, and its value; nil if the message is unsigned or was not received.
  var signature: Signature?
  /// Whether the message was received with a FINGERPRINT; the parser refuses a wrong one.
  package internal(set) var hasFingerprint = false

  struct Signature: Sendable {
    /// The message from its first byte up to MESSAGE-INTEGRITY.
    var covered: ByteBuffer
    var code: ByteBuffer
  }

  package init(
    _ messageClass: STUNMessageClass, _ method: STUNMethod, transactionID: TransactionID,
    attributes: [STUNAttribute] = []
  ) {
    self.messageClass = messageClass
    self.method = method
    self.transactionID = transactionID
    self.attributes = attributes
  }

  /// "The magic cookie field MUST contain the fixed value 0x2112A442 in network byte order."
  static let magicCookie: UInt32 = 0x2112_A442
  static let headerLength = 20
  static let attributeHeaderLength = 4
  /// The length of an HMAC-SHA1.
  static let integrityLength = 20
  static let fingerprintLength = 4
  /// "XOR'ed with the 32-bit value 0x5354554e".
  static let fingerprintMask: UInt32 = 0x5354_554E

  /// Whether the message has MESSAGE-INTEGRITY, valid or not.
  package var isSigned: Bool { signature != nil }

  /// The types of unknown attributes that must be understood ("comprehension-required", below 0x8000).
  package var unknownComprehensionRequired: [UInt16] {
    attributes.compactMap {
      if case .unknown(let type, _) = $0, type < 0x8000 { type } else { nil }
    }
  }

  /// Whether MESSAGE-INTEGRITY is present and was made with this key; compared in constant time.
  package func hasValidIntegrity(key: IntegrityKey) -> Bool {
    guard let signature else { return false }
    return signature.code.withUnsafeReadableBytes { code in
      Self.authenticationCode(of: signature.covered, key: key) == code
    }
  }

  /// Computes the HMAC-SHA1 of a message that ends before MESSAGE-INTEGRITY; "the length field … is adjusted to point
  /// to the end of the MESSAGE-INTEGRITY attribute" (RFC 8489 section 14.5).
  static func authenticationCode(of covered: ByteBuffer, key: IntegrityKey) -> HMAC<Insecure.SHA1>.MAC {
    var hmac = HMAC<Insecure.SHA1>(key: key.symmetricKey)
    let length = covered.readableBytes - headerLength + attributeHeaderLength + integrityLength
    covered.withUnsafeReadableBytes { bytes in
      hmac.update(data: bytes[..<2])
      withUnsafeBytes(of: UInt16(length).bigEndian) { hmac.update(data: $0) }
      hmac.update(data: bytes[4...])
    }
    return hmac.finalize()
  }

  /// Computes the value of FINGERPRINT for a message that ends before it and whose length field already includes it.
  static func fingerprint(of covered: ByteBuffer) -> UInt32 {
    covered.withUnsafeReadableBytes { CRC32.checksum($0) } ^ fingerprintMask
  }

  /// The message type, in which the class bits C1 and C0 stand between bits of the method (RFC 8489 section 5).
  var messageType: UInt16 {
    let method = method.rawValue
    let methodBits = (method & 0xF80) << 2 | (method & 0x070) << 1 | (method & 0x00F)
    let classBits = (messageClass.rawValue & 0b10) << 7 | (messageClass.rawValue & 0b01) << 4
    return methodBits | classBits
  }
}
