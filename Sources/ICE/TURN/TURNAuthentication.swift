import NIOCore

/// The credentials together with the server's challenge (RFC 8489 section 9.2.5).
struct TURNAuthentication: Sendable {
  let username: String
  let realm: String
  var nonce: ByteBuffer
  let key: IntegrityKey

  /// Returns nil if the challenge lacks a realm or a nonce.
  init?(_ credentials: TURNCredentials, challenge: STUNMessage) {
    guard let realm = challenge.realm, let nonce = challenge.nonce else { return nil }
    username = credentials.username
    self.realm = realm
    self.nonce = nonce
    key = IntegrityKey(username: credentials.username, realm: realm, password: credentials.password)
  }

  var attributes: [STUNAttribute] { [.username(username), .realm(realm), .nonce(nonce)] }
}
