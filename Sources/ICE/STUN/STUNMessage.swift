import Crypto
import NIOCore

/// A STUN message (RFC 8489 section 5).
package struct STUNMessage: Sendable {
  package var messageClass: STUNMessageClass
  package var method: STUNMethod
  package var transactionID: TransactionID
  /// Those that may be trusted where the integrity is valid: nothing that followed MESSAGE-INTEGRITY is here.
  package var attributes: [STUNAttribute]

  /// What was received up to MESSAGE-INTEGRITY, and the code in it; nil: not signed, or not received.
  var signature: Signature?
  /// Whether the message came with a FINGERPRINT (a wrong one is refused by the parser).
  package internal(set) var hasFingerprint = false

  struct Signature: Sendable {
    /// The message from its first byte to before MESSAGE-INTEGRITY.
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

  /// Whether MESSAGE-INTEGRITY is there at all.
  package var isSigned: Bool { signature != nil }

  /// Types of attributes that were not understood and must be ("comprehension-required", below 0x8000).
  package var unknownComprehensionRequired: [UInt16] {
    attributes.compactMap {
      if case .unknown(let type, _) = $0, type < 0x8000 { type } else { nil }
    }
  }

  /// Whether MESSAGE-INTEGRITY is there and that of this key; compared in constant time.
  package func hasValidIntegrity(key: IntegrityKey) -> Bool {
    guard let signature else { return false }
    return signature.code.withUnsafeReadableBytes { code in
      Self.authenticationCode(of: signature.covered, key: key) == code
    }
  }

  /// The HMAC-SHA1 of a message that ends before MESSAGE-INTEGRITY; "the length field … is adjusted to point to the
  /// end of the MESSAGE-INTEGRITY attribute".
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

  /// The value of FINGERPRINT for a message that ends before it and whose length field already counts it.
  static func fingerprint(of covered: ByteBuffer) -> UInt32 {
    covered.withUnsafeReadableBytes { CRC32.checksum($0) } ^ fingerprintMask
  }

  /// The message type: the class bits C1 and C0 sit between bits of the method.
  var messageType: UInt16 {
    let method = method.rawValue
    let methodBits = (method & 0xF80) << 2 | (method & 0x070) << 1 | (method & 0x00F)
    let classBits = (messageClass.rawValue & 0b10) << 7 | (messageClass.rawValue & 0b01) << 4
    return methodBits | classBits
  }
}
