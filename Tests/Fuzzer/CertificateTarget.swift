import NIOCore
import TestSupport

@testable import Network
@testable import XMPP

extension FuzzTarget {
  /// What a server shows as its certificate, or a user has in the list of authorities; and the names in it.
  static let certificate = FuzzTarget("certificate", seeds: seeds) { bytes in
    let octets = bytes.octets
    _ = ServerIdentity.matches(octets, "xmpp.example.org")
    if let name = String(validating: octets, as: UTF8.self) {
      require(!ServerIdentity.matches(Array("example.net".utf8), name) || name.lowercased().hasPrefix("example.net"))
    }
    guard let fields = CertificateFields(der: octets) else { return }
    _ = (fields.faultOfServer, fields.faultOfAnchor)
  }

  /// Certificates as openssl(1) makes them, two with each extension that is read, and names.
  private static func seeds() -> [[UInt8]] {
    let samples = [
      TestCertificate.authority, TestCertificate.good.certificate, TestCertificate.otherName.certificate,
      TestCertificate.selfSigned.certificate, TestCertificate.ed25519.certificate, TestCertificate.p521.certificate,
    ]
    let names = ["*.example.org", "xmpp.example.org.", "EXAMPLE.net", "xn--exmple-cua.org"]
    return samples.compactMap { Base64.decode($0.split(separator: "\n").dropFirst().dropLast().joined()) }
      + [made(isAuthority: true), made(isAuthority: false)] + names.map { Array($0.utf8) }
  }

  private static func made(isAuthority: Bool) -> [UInt8] {
    let name = value(0x82, Array("example.org".utf8))
    let issuer = value(0x30, isAuthority ? [] : name)
    let modulus = value(0x02, [0] + [UInt8](repeating: 0xFF, count: 256))
    let key = value(0x03, [0] + value(0x30, modulus + value(0x02, [3])))
    let algorithm = value(0x30, value(0x06, [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]))
    let general: [(UInt8, [UInt8])] = [
      (17, value(0x30, name)), (30, value(0x30, value(0xA0, value(0x30, name)))), (35, value(0x30, value(0x80, [1]))),
      (19, value(0x30, isAuthority ? value(0x01, [0xFF]) : [])), (15, value(0x03, [2, isAuthority ? 0x04 : 0x80])),
    ]
    let access = value(0x30, value(0x30, value(0x06, [1]) + name))
    let extensions =
      general.map { made([0x55, 0x1D, $0], $1) } + [made([0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x01], access)]
    let fields =
      value(0xA0, value(0x02, [2])) + value(0x02, [1]) + value(0x30, []) + issuer + value(0x30, []) + value(0x30, [])
      + value(0x30, algorithm + key) + value(0xA3, value(0x30, extensions.flatMap { $0 }))
    return value(0x30, value(0x30, fields))
  }

  private static func made(_ identifier: [UInt8], _ contents: [UInt8]) -> [UInt8] {
    value(0x30, value(0x06, identifier) + value(0x01, [0xFF]) + value(0x04, contents))
  }

  private static func value(_ tag: UInt8, _ contents: [UInt8]) -> [UInt8] {
    let length = contents.count
    return [tag] + (length < 128 ? [UInt8(length)] : [0x82, UInt8(length >> 8), UInt8(length & 0xFF)]) + contents
  }
}
