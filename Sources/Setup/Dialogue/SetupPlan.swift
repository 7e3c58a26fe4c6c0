import Capture
import Settings
import XMPP

/// An account to log in to, which may have to be created first.
package struct AccountPlan: Equatable, Sendable {
  package var jid: JID
  package var password: String
  package var server: String?
  package var caFile: String?
  /// nil: it exists.
  package var registration: ClientStream.Configuration.Registration?

  package init(jid: JID, password: String) {
    self.jid = jid
    self.password = password
  }
}

/// What the dialogue has come to.
package struct SetupPlan: Equatable, Sendable {
  package var source: String
  package var account: AccountPlan
  /// Who may watch; nil: as before.
  package var allow: [ServeSettings.Permission]?
  /// What the camera is called in a contact list.
  package var name: String

  /// The change that it makes to the settings.
  package var change: ConfigurationText {
    var change = ConfigurationText()
    change.values = [
      .source: source, .jid: account.jid.description, .server: account.server, .caFile: account.caFile,
    ]
    change.allow = allow
    return change
  }

  /// Whether the settings have a password in them: that of a source, in its address.
  package var hasSecret: Bool { NetworkAddress.shown(source) != source }

  /// The link by which a phone takes the camera into its contact list: the action `roster` of XEP-0147.
  package var link: String {
    "xmpp:\(Self.encoded(account.jid.bare.description, keeping: "@"))?roster;name=\(Self.encoded(name, keeping: ""))"
  }

  /// Percent encoding (RFC 3986 section 2.1; of a JID, RFC 5122 section 2.7).
  private static func encoded(_ text: String, keeping kept: String) -> String {
    let unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~" + kept
    return text.utf8.map { byte in
      let scalar = Unicode.Scalar(byte)
      guard !unreserved.unicodeScalars.contains(scalar) || !scalar.isASCII else { return String(scalar) }
      let digits = String(byte, radix: 16, uppercase: true)
      return "%" + (digits.count == 1 ? "0" : "") + digits
    }.joined()
  }
}
