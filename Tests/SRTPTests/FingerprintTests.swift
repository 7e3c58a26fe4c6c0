import COpenSSL
import Testing

@testable import SRTP

@Suite struct FingerprintTests {
  private static let bytes = (0..<32).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) }
  private static let sample =
    "0B:30:55:7A:9F:C4:E9:0E:33:58:7D:A2:C7:EC:11:36:5B:80:A5:CA:EF:14:39:5E:83:A8:CD:F2:17:3C:61:86"

  @Test("a fingerprint is written in upper-case pairs with colons and read back")
  func text() throws {
    let fingerprint = Fingerprint(hashFunction: .sha256, bytes: Self.bytes)
    #expect(fingerprint.text == Self.sample)
    #expect(try Fingerprint(hashFunction: "sha-256", text: Self.sample) == fingerprint)
    #expect(try Fingerprint(hashFunction: "SHA-256", text: Self.sample.lowercased()) == fingerprint)
  }

  @Test("the comparison of fingerprints covers every byte and the hash function")
  func comparison() throws {
    let fingerprint = Fingerprint(hashFunction: .sha256, bytes: Self.bytes)
    for index in Self.bytes.indices {
      var other = Self.bytes
      other[index] ^= 1
      #expect(Fingerprint(hashFunction: .sha256, bytes: other) != fingerprint)
    }
    let long = Fingerprint(hashFunction: .sha384, bytes: Self.bytes + Self.bytes.prefix(16))
    #expect(long != fingerprint && fingerprint != long)
  }

  @Test(
    "a malformed fingerprint is refused",
    arguments: [
      "", ":", String(sample.dropLast(3)), sample + ":00", String(sample.dropLast()) + "G",
      sample.replacing(":", with: "-"), sample.replacing("0B", with: "B"), String(repeating: "é", count: 47) + "0",
      String(repeating: ":", count: 95), " " + sample.dropFirst(),
    ])
  func malformed(_ text: String) {
    #expect(throws: DTLSError.malformedFingerprint) { try Fingerprint(hashFunction: "sha-256", text: text) }
  }

  @Test("broken and unknown hash functions are refused", arguments: ["sha-1", "md5", "", "sha-224", "sha256"])
  func unsupported(_ name: String) {
    #expect(throws: DTLSError.unsupportedHashFunction) { try Fingerprint(hashFunction: name, text: Self.sample) }
  }
}
