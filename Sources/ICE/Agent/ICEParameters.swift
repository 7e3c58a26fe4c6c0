/// The short-term credentials of one side, as W3C's `RTCIceParameters` (RFC 8445 section 5.3).
package struct ICEParameters: Hashable, Sendable {
  package var usernameFragment: String
  package var password: String

  /// "ufrag = 4*256ice-char", "password = 22*256ice-char" (RFC 8839 section 5.4): every check carries the fragment.
  package static let maximumLength = 256

  package init(usernameFragment: String, password: String) {
    self.usernameFragment = usernameFragment
    self.password = password
  }

  /// "at least 24 bits of randomness" and "at least 128 bits": 6 bits a character.
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
