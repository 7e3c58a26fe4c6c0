import XMPP

/// The XMPP account that calls, and how to reach its server.
package struct Account: Sendable {
  package var jid: JID
  /// A file whose first line is the password; without it `JINGLECAM_PASSWORD` holds it.
  package var passwordFile: String?
  /// Instead of what DNS says; the certificate must still be the JID's domain's.
  package var server: ConnectionTarget?
  package var caFile: String?

  package init(jid: JID, passwordFile: String?, server: ConnectionTarget?, caFile: String?) {
    self.jid = jid
    self.passwordFile = passwordFile
    self.server = server
    self.caFile = caFile
  }
}
