import COpenSSL

/// The hash of a certificate, by which the signalling authenticates it (RFC 8122 section 5, XEP-0320).
package struct Fingerprint: Hashable, Sendable {
  package enum HashFunction: String, CaseIterable, Sendable {
    case sha256 = "sha-256"
    case sha384 = "sha-384"
    case sha512 = "sha-512"

    package var byteCount: Int {
      switch self {
      case .sha256: 32
      case .sha384: 48
      case .sha512: 64
      }
    }
  }

  package let hashFunction: HashFunction
  package let bytes: [UInt8]

  init(hashFunction: HashFunction, bytes: [UInt8]) {
    precondition(bytes.count == hashFunction.byteCount)
    self.hashFunction = hashFunction
    self.bytes = bytes
  }

  /// Reads a fingerprint as it is signalled. Lower-case digits are accepted, although RFC 8122 section 5 requires upper
  /// case.
  ///
  /// - Throws: `DTLSError.unsupportedHashFunction`, `DTLSError.malformedFingerprint`.
  package init(hashFunction name: String, text: String) throws(DTLSError) {
    guard let hashFunction = HashFunction(rawValue: name.lowercased()) else { throw .unsupportedHashFunction }
    let digits = Array(text.utf8)
    guard digits.count == hashFunction.byteCount * 3 - 1 else { throw .malformedFingerprint }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(hashFunction.byteCount)
    for start in stride(from: 0, to: digits.count, by: 3) {
      guard let high = Self.nibble(digits[start]), let low = Self.nibble(digits[start + 1]),
        start + 2 == digits.count || digits[start + 2] == UInt8(ascii: ":")
      else { throw .malformedFingerprint }
      bytes.append(high << 4 | low)
    }
    self.init(hashFunction: hashFunction, bytes: bytes)
  }

  /// The fingerprint as it is signalled, upper-case pairs joined by colons: `4A:AD:B9:…`.
  package var text: String {
    let digits = Array("0123456789ABCDEF".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 3)
    for byte in bytes {
      if !text.isEmpty { text.append(UInt8(ascii: ":")) }
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 0xF)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Compares in constant time.
  package static func == (left: Self, right: Self) -> Bool {
    left.hashFunction == right.hashFunction && CRYPTO_memcmp(left.bytes, right.bytes, left.bytes.count) == 0
  }

  private static func nibble(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}

extension Fingerprint {
  /// Computes the fingerprint of an `X509`.
  init(of certificate: OpaquePointer, hashFunction: HashFunction) {
    let digest =
      switch hashFunction {
      case .sha256: EVP_sha256()
      case .sha384: EVP_sha384()
      case .sha512: EVP_sha512()
      }
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { bytes, count in
      var length: UInt32 = 0
      precondition(X509_digest(certificate, digest, bytes.baseAddress, &length) == 1, "OpenSSL lacks a SHA-2 digest")
      count = Int(length)
    }
    self.init(hashFunction: hashFunction, bytes: bytes)
  }
}
