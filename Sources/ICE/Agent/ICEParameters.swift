/// The short-term credentials of one side (RFC 8445 section 5.3), after W3C's `RTCIceParameters`.
package struct ICEParameters: Hashable, Sendable {
  package var usernameFragment: String
  package var password: String

  /// The greatest length of both in characters: "ufrag = 4*256ice-char", "password = 22*256ice-char" (RFC 8839 section
  /// 5.4).
  package static let maximumLength = 256

  package init(usernameFragment: String, password: String) {
    self.usernameFragment = usernameFragment
    self.password = password
  }

  /// Generates credentials with "at least 24 bits of randomness" for the fragment and "at least 128 bits" for the
  /// password (RFC 8445 section 5.3), at 6 bits a character.
  package init(using generator: inout some RandomNumberGenerator) {
    usernameFragment = Self.text(length: 8, &generator)
    password = Self.text(length: 24, &generator)
  }

  /// "ice-char = ALPHA / DIGIT / "+" / "/"" (RFC 8839 section 5.1)
  private static let characters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

  private static func text(length: Int, _ generator: inout some RandomNumberGenerator) -> String {
    String((0..<length).map { _ in characters[Int.random(in: 0..<characters.count, using: &generator)] })
  }
}
