import NIOCore
import NIOSSL

/// Whether a certificate is for the name that was meant (RFC 9525 section 6).
///
/// NIOSSL compares names, but is content with a certificate for the IP address that we connected to as well, whatever the
/// name: who spoofs DNS would need no more than one for an address of his own, and authorities issue these.
enum ServerIdentity {
  /// To be asked after NIOSSL's own verification. Where the name is an IP address, that was all there is to compare.
  static func isProven(by certificate: NIOSSLCertificate?, of name: String) -> Bool {
    guard let alternatives = certificate?._subjectAlternativeNames() else { return false }
    let isAddress = (try? SocketAddress(ipAddress: name, port: 0)) != nil
    guard !isAddress, alternatives.contains(where: { $0.nameType == .ipAddress }) else { return true }
    return alternatives.contains {
      $0.nameType == .dnsName && matches(String(decoding: $0.contents, as: UTF8.self), name)
    }
  }

  /// The names that it is for.
  static func names(of certificate: NIOSSLCertificate) -> [String] {
    certificate._subjectAlternativeNames().filter { $0.nameType == .dnsName }.map {
      String(decoding: $0.contents, as: UTF8.self)
    }
  }

  /// "the wildcard character appears only as the complete content of the left-most label" (RFC 9525 section 6.3).
  static func matches(_ presented: String, _ name: String) -> Bool {
    var presented = labels(presented)
    var name = labels(name)
    guard presented.count == name.count, !name.contains("") else { return false }
    if presented[0] == "*" {
      guard name.count > 2 else { return false }
      presented.removeFirst()
      name.removeFirst()
    }
    return presented == name
  }

  private static func labels(_ name: String) -> [String] {
    (name.hasSuffix(".") ? name.dropLast() : name[...]).lowercased().split(
      separator: ".", omittingEmptySubsequences: false
    ).map(String.init)
  }
}
