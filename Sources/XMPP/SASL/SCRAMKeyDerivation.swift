/// The expensive step of SCRAM (RFC 5802 section 3), separate so that it can run off the event loop.
package struct SCRAMKeyDerivation: Hashable, Sendable {
  let hash: SCRAMHash
  let password: [UInt8]
  let salt: [UInt8]
  let iterations: Int

  /// Derives the keys, which takes a small computer one or two seconds for the greatest count in
  /// ``SCRAMClient/iterations``; returns nil if it fails.
  package func derive() -> SCRAMKeys? {
    guard let salted = hash.saltedPassword(password, salt: salt, iterations: iterations) else { return nil }
    return SCRAMKeys(
      client: hash.hmac(key: salted, Array("Client Key".utf8)),
      server: hash.hmac(key: salted, Array("Server Key".utf8)))
  }
}
