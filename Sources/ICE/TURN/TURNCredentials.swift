/// The long-term credentials for a TURN server (RFC 8656 section 5, RFC 8489 section 9.2).
package struct TURNCredentials: Hashable, Sendable {
  package var username: String
  package var password: String

  package init(username: String, password: String) {
    self.username = username
    self.password = password
  }

  /// The greatest length of a username in bytes: "USERNAME … MUST contain … less than 509 bytes" (RFC 8489 section
  /// 14.3). Services provide credentials over the network, so a longer one must be refused before it is encoded.
  static let maximumUsernameLength = 508

  var areUsable: Bool { username.utf8.count <= Self.maximumUsernameLength }
}
