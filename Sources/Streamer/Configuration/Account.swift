import XMPP

/// The XMPP account that calls, and how to reach its server.
package struct Account: Sendable {
  package var jid: JID
  package var password: String
  /// Instead of what DNS says; the certificate must still be the JID's domain's.
  package var server: HostPort?
  package var caFile: String?

  package init(jid: JID, password: String, server: HostPort?, caFile: String?) {
    self.jid = jid
    self.password = password
    self.server = server
    self.caFile = caFile
  }
}
