import Crypto

/// The HMAC key of MESSAGE-INTEGRITY (RFC 8489 sections 9.1 and 9.2).
///
/// Passwords and usernames are taken as prepared (RFC 8265 OpaqueString): their UTF-8 bytes go in as they are.
package struct IntegrityKey: Sendable {
  let symmetricKey: SymmetricKey

  /// Short-term credentials: "key = OpaqueString(password)".
  package init(password: String) {
    symmetricKey = SymmetricKey(data: Array(password.utf8))
  }

  /// Long-term credentials: "key = MD5(username ":" OpaqueString(realm) ":" OpaqueString(password))".
  package init(username: String, realm: String, password: String) {
    let digest = Insecure.MD5.hash(data: Array("\(username):\(realm):\(password)".utf8))
    symmetricKey = SymmetricKey(data: digest)
  }
}
