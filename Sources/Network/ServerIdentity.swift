import NIOCore
import NIOSSL

/// Whether a certificate is for the name that was meant (RFC 9525 section 6): by its subjectAltName alone, never by its
/// common name, and never by the address that a name happened to lead to.
enum ServerIdentity {
  /// - Parameter name: a domain name in A-labels, or an IP address.
  static func isProven(by certificate: NIOSSLCertificate, of name: String) -> Bool {
    let presented = certificate._subjectAlternativeNames()
    if let address = try? SocketAddress(ipAddress: name, port: 0) {
      // "in network byte order" (RFC 5280 section 4.2.1.6).
      return presented.contains { $0.nameType == .ipAddress && $0.contents.elementsEqual(address.ipOctets) }
    }
    return presented.contains { $0.nameType == .dnsName && matches(Array($0.contents), name) }
  }

  /// The names that it is for.
  static func names(of certificate: NIOSSLCertificate) -> [String] {
    certificate._subjectAlternativeNames().filter { $0.nameType == .dnsName }.map {
      String(decoding: $0.contents, as: UTF8.self)
    }
  }

  /// "the wildcard character appears only as the complete content of the left-most label" (RFC 9525 section 6.3), and
  /// stands for one label that is not the last but one.
  static func matches(_ presented: [UInt8], _ name: String) -> Bool {
    guard var presented = labels(presented[...]), var name = labels(Array(name.utf8)[...]),
      !name[0].elementsEqual("*".utf8)
    else { return false }
    if presented[0].elementsEqual("*".utf8) {
      guard name.count > 2 else { return false }
      presented.removeFirst()
      name.removeFirst()
    }
    return presented == name
  }

  /// In lowercase; nil where there is anything but letters, digits and hyphens in ASCII (RFC 5890 section 2.3.1), or an
  /// asterisk that is no label of its own.
  private static func labels(_ name: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
    let name = name.last == UInt8(ascii: ".") ? name.dropLast() : name
    let labels = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard labels.allSatisfy({ $0.elementsEqual("*".utf8) || !$0.isEmpty && $0.allSatisfy(isAllowed) }) else {
      return nil
    }
    return labels.map { label in ArraySlice(label.map { isCapital($0) ? $0 | 0x20 : $0 }) }
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
    default: isCapital(byte)
    }
  }

  private static func isCapital(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
}
