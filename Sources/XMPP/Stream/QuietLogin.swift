/// How to go online without what the server keeps for the account, where that cannot be read.
///
/// A request for presence is sent again at each login until it is answered (RFC 6121 section 3.1.3); Prosody and ejabberd
/// take the answer from a resource that is not available yet. Stored messages are purged where the server knows XEP-0013,
/// as ejabberd does. Prosody does not, and delivers them to a resource whose first presence has no negative priority (RFC
/// 6121 section 8.5.2.1): one that raises it later gets what comes from then on.
package struct QuietLogin: Hashable, Sendable {
  static let offlineNamespace = "http://jabber.org/protocol/offline"

  /// By the bare address that the request came from, which may be no JID to us: whether it is approved.
  package var requests: [String: Bool]

  package init(requests: [String: Bool]) {
    self.requests = requests
  }

  /// The stanzas to send before any presence.
  ///
  /// - Parameter id: of the request to purge.
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

  /// What is sent right before the presence that makes us available to all: who calls in between finds nobody.
  static let lowered = XMLElement(
    "presence", namespace: Namespace.client,
    children: [.element(XMLElement("priority", namespace: Namespace.client, children: [.text("-1")]))])
}
