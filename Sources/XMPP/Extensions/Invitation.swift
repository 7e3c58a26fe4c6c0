/// An invitation to create an account, as the link of Easy User Onboarding (XEP-0401 section 3) or of a Pre-Authenticated
/// Roster Subscription (XEP-0379) whose server creates accounts for the invited (`ibr=y`).
package struct Invitation: Hashable, Sendable {
  package enum ParsingError: Error, Hashable, Sendable {
    /// The address of a web page, which does not tell the server and the token by itself.
    case page
    /// An XMPP link without a token.
    case noToken
    /// An invitation to become somebody's contact, by which no account can be created.
    case contactOnly
    case malformed
  }

  /// The server that creates the account.
  package let server: JID
  /// The account, if the invitation is for a certain name.
  package let account: JID?
  /// Who has sent the invitation, if it makes them a contact of the new account.
  package let inviter: JID?
  package let token: String

  /// Longer links are refused; those of Prosody and Snikket have about a hundred characters.
  private static let limit = 2048

  /// Parses `xmpp:example.net?register;preauth=TOKEN`, also with a user name, and `xmpp:ann@example.net?roster;preauth=TOKEN;ibr=y`.
  ///
  /// A web page that repeats the link after a `#`, as XEP-0401 section 5 suggests, is understood as well.
  package init(parsing text: String) throws(ParsingError) {
    guard text.utf8.count <= Self.limit, let colon = text.firstIndex(of: ":") else { throw .malformed }
    var rest = text[text.index(after: colon)...]
    switch text[..<colon].lowercased() {
    case "xmpp": break
    case "https", "http":
      guard let fragment = rest.firstIndex(of: "#"), rest[fragment...].contains("preauth=") else { throw .page }
      rest = rest[fragment...].dropFirst()
    default: throw .malformed
    }
    guard let mark = rest.firstIndex(of: "?") else { throw .noToken }
    var fields = rest[rest.index(after: mark)...].split(separator: ";")
    guard let decoded = Self.decode(rest[..<mark]), let jid = try? JID(decoded), jid.isBare, !fields.isEmpty else {
      throw .malformed
    }
    let action = fields.removeFirst()
    let token = fields.lazy.filter { $0.hasPrefix("preauth=") }.compactMap { Self.decode($0.dropFirst(8)) }.first
    guard let token, !token.isEmpty else { throw .noToken }
    self.token = token
    server = jid.server
    switch action {
    case "register":
      account = jid.local == nil ? nil : jid
      inviter = nil
    case "roster":
      guard jid.local != nil else { throw .malformed }
      guard fields.contains("ibr=y") else { throw .contactOnly }
      account = nil
      inviter = jid
    default: throw .noToken
    }
  }

  /// Decodes the percent encoding of RFC 3986 section 2.1; returns nil if it is none, or no UTF-8.
  private static func decode(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = rest.prefix(2)
      // `UInt8` takes a sign, too.
      guard digits.count == 2, digits.allSatisfy({ UInt8(ascii: "0") <= $0 }),
        let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
      else { return nil }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
