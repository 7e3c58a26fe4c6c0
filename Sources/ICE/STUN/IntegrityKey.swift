import Crypto

/// The HMAC key of MESSAGE-INTEGRITY (RFC 8489 sections 9.1.1 and 9.2.2).
///
/// Passwords and usernames are used as they are, without the OpaqueString preparation of RFC 8265.
package struct IntegrityKey: Sendable {
  let symmetricKey: SymmetricKey

  /// Makes the key of short-term credentials: "key = OpaqueString(password)".
  package init(password: String) {
    symmetricKey = SymmetricKey(data: Array(password.utf8))
  }

  /// Makes the key of long-term credentials: "key = MD5(username ":" OpaqueString(realm) ":" OpaqueString(password))".
  package init(username: String, realm: String, password: String) {
    let digest = Insecure.MD5.hash(data: Array("\(username):\(realm):\(password)".utf8))
    symmetricKey = SymmetricKey(data: digest)
  }
}
