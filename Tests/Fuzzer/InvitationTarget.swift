import NIOCore

@testable import XMPP

extension FuzzTarget {
  /// A link that somebody has sent. One that is made of what was read says the same.
  static let invitation = FuzzTarget(text: "invitation", seeds: seeds, words: words) { bytes in
    let text = String(buffer: bytes)
    guard let invitation = try? Invitation(parsing: text) else { return }
    require(!invitation.token.isEmpty && invitation.server.local == nil && invitation.server.isBare)
    require(invitation.account == nil || invitation.inviter == nil)
    let jid = invitation.inviter ?? invitation.account ?? invitation.server
    require(jid.isBare && jid.server == invitation.server, "of another server")
    let action = invitation.inviter == nil ? "register" : "roster"
    let written = "xmpp:\(encoded(jid.description))?\(action);preauth=\(encoded(invitation.token));ibr=y"
    // Longer than what was read, since every byte is encoded.
    guard written.utf8.count <= 2048 else { return }
    require((try? Invitation(parsing: written)) == invitation, "\(text) reads otherwise as \(written)")
    let request = AccountRegistration.preauthentication(id: "p", to: invitation.server, token: invitation.token)
    guard case .stanza? = events(XMLWriter.bytes(of: request), step: .max).first else {
      fatalError("a token that breaks the stream")
    }
  }

  /// Percent encoding (RFC 3986 section 2.1) of every byte.
  private static func encoded(_ text: String) -> String {
    text.utf8.map { octet in
      let digits = String(octet, radix: 16)
      return digits.count == 1 ? "%0\(digits)" : "%\(digits)"
    }.joined()
  }

  private static let seeds = [
    "xmpp:example.net?register;preauth=TOK-en_1", "XMPP:cam%2Bdoor@example.net?register;preauth=a%2Fb;x=y",
    "xmpp:ann@example.net?roster;preauth=T;ibr=y", "https://invite.example/#example.net?register;preauth=T",
    "xmpp:%C3%A9@b%C3%BCcher.example?roster;ibr=y;preauth=%00%22%3E", "xmpp:[::1]?register;preauth=%26",
  ]

  private static let words = [
    "xmpp:", "https://", "?register", "?roster", ";preauth=", ";ibr=y", "%", "%2F", "%40", "%00", "%C3%A9", "#", "@",
    ";",
  ]
}
