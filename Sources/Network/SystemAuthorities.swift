import Glibc
import NIOSSL

/// The certificate authorities that this system trusts.
enum SystemAuthorities {
  /// Debian's, in which update-ca-certificates(8) links each by the hash of its name.
  private static let directory = "/etc/ssl/certs"

  /// A directory with hashed names is read by need, a file or two a handshake; NIOSSL's own default parses some 140
  /// certificates first and keeps them.
  static func trustRoots(in directory: String = directory) -> NIOSSLTrustRoots {
    guard let entries = opendir(directory) else { return .default }
    defer { closedir(entries) }
    while let entry = readdir(entries) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if isHash(name) { return .file(directory) }
    }
    return .default
  }

  /// Whether `name` is one that openssl-rehash(1) makes: "HHHHHHHH.D".
  private static func isHash(_ name: String) -> Bool {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 2 && parts[0].count == 8 && parts[0].allSatisfy(\.isHexDigit)
      && parts[1].allSatisfy(\.isNumber)
      && !parts[1].isEmpty
  }
}
