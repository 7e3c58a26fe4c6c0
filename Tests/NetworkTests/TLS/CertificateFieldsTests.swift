import NIOSSL
import TestSupport
import Testing

@testable import Network

@Suite("The fields of a certificate")
struct CertificateFieldsTests {
  private static func bytes() throws -> [UInt8] {
    try NIOSSLCertificate(bytes: Array(TestCertificate.authority.utf8), format: .pem).toDERBytes()
  }

  @Test("are found where RFC 5280 has them, and not in what is cut short")
  func fields() throws {
    let bytes = try Self.bytes()
    let fields = try #require(CertificateFields(der: bytes))
    #expect(fields.issuer.elementsEqual(fields.subject))
    // "CN=test CA".
    #expect(fields.subject.suffix(7).elementsEqual("test CA".utf8))
    // basicConstraints and keyUsage, both critical.
    #expect(fields.extensions.map { Array($0.identifier) } == [[0x55, 0x1D, 19], [0x55, 0x1D, 15]])
    #expect(fields.extensions.map(\.isCritical) == [true, true])
    #expect(fields.faultOfAnchor == nil && fields.faultOfServer == nil)
    for length in 0..<bytes.count { #expect(CertificateFields(der: Array(bytes.prefix(length))) == nil) }
  }

  @Test("are read from anything, or not at all")
  func noise() throws {
    let bytes = try Self.bytes()
    var generator = SeededGenerator(seed: 6)
    for _ in 0..<5_000 {
      var odd = bytes
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        odd[Int.random(in: odd.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      guard let fields = CertificateFields(der: odd) else { continue }
      _ = (fields.faultOfAnchor, fields.faultOfServer)
    }
  }
}
