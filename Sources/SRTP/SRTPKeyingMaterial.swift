/// The master keys and salts of both directions (RFC 5764 section 4.2). They are overwritten when the last copy is
/// released.
package struct SRTPKeyingMaterial {
  package let profile: SRTPProfile
  /// The key followed by the salt, as libsrtp2 expects them, that protect what we send.
  let local: SecretBytes
  /// The key followed by the salt that protect what the peer sends.
  let remote: SecretBytes

  /// - Parameters:
  ///   - local: the key followed by the salt that protect what we send.
  ///   - remote: the key followed by the salt that protect what the peer sends.
  package init(profile: SRTPProfile, local: some Collection<UInt8>, remote: some Collection<UInt8>) {
    self.profile = profile
    self.local = Self.secret(local, for: profile)
    self.remote = Self.secret(remote, for: profile)
  }

  /// Splits the exported bytes: client key, server key, client salt, server salt (RFC 5764 section 4.2).
  init(profile: SRTPProfile, exported: SecretBytes, role: DTLSRole) {
    precondition(exported.count == Self.exportedLength(profile))
    let (key, salt) = (profile.keyLength, profile.saltLength)
    let (client, server) = exported.withUnsafeMutableBytes { bytes in
      (
        Self.secret(bytes[..<key], bytes[(2 * key)..<(2 * key + salt)]),
        Self.secret(bytes[key..<(2 * key)], bytes[(2 * key + salt)...])
      )
    }
    self.profile = profile
    (local, remote) = role == .active ? (client, server) : (server, client)
  }

  /// The number of bytes to export for `profile`.
  static func exportedLength(_ profile: SRTPProfile) -> Int {
    2 * (profile.keyLength + profile.saltLength)
  }

  private static func secret(_ bytes: some Collection<UInt8>, for profile: SRTPProfile) -> SecretBytes {
    precondition(bytes.count == profile.keyLength + profile.saltLength, "a key and a salt of the profile's lengths")
    let secret = SecretBytes(byteCount: bytes.count)
    secret.withUnsafeMutableBytes { $0.copyBytes(from: bytes) }
    return secret
  }

  private static func secret(
    _ key: Slice<UnsafeMutableRawBufferPointer>, _ salt: Slice<UnsafeMutableRawBufferPointer>
  ) -> SecretBytes {
    let secret = SecretBytes(byteCount: key.count + salt.count)
    secret.withUnsafeMutableBytes { bytes in
      UnsafeMutableRawBufferPointer(rebasing: bytes[..<key.count]).copyBytes(from: key)
      UnsafeMutableRawBufferPointer(rebasing: bytes[key.count...]).copyBytes(from: salt)
    }
    return secret
  }
}
