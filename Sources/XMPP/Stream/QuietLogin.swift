/// A login without the messages and requests that the server has stored for the account, for a program that would not
/// be able to read them.
///
/// A subscription request is delivered at each login until it is answered (RFC 6121 section 3.1.3); Prosody and
/// ejabberd accept the answer from a resource that is not available yet. Stored messages are purged if the server
/// supports XEP-0013, as ejabberd does. Prosody does not, and delivers them to a resource whose first presence has no
/// negative priority (RFC 6121 section 8.5.2.1); a resource that raises its priority later receives only new messages.
package struct QuietLogin: Hashable, Sendable {
  static let offlineNamespace = "http://jabber.org/protocol/offline"

  /// Whether each request is approved, by the bare address of its sender, which need not be a valid JID.
  package var requests: [String: Bool]

  package init(requests: [String: Bool]) {
    self.requests = requests
  }

  /// The stanzas to send before any presence.
  ///
  /// - Parameter id: the id of the purge request.
  func prologue(id: String) -> [XMLElement] {
    let answers = requests.sorted { $0.key < $1.key }.map { address, isApproved in
      XMLElement(
        "presence", namespace: Namespace.client,
        attributes: ["type": isApproved ? "subscribed" : "unsubscribed", "to": address])
    }
    let purge = XMLElement(
      "offline", namespace: Self.offlineNamespace,
      children: [.element(XMLElement("purge", namespace: Self.offlineNamespace))])
    return answers + [.iq(.set, id: id, purge)]
  }

  /// The presence that is sent immediately before the first real one. Calls that arrive in between find no available
  /// resource.
  static let lowered = XMLElement(
    "presence", namespace: Namespace.client,
    children: [.element(XMLElement("priority", namespace: Namespace.client, children: [.text("-1")]))])
}
