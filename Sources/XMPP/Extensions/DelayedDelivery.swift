/// The stamp of a stanza that was kept for us, Delayed Delivery, XEP-0203.
package enum DelayedDelivery {
  static let namespace = "urn:xmpp:delay"
  /// XEP-0091, which old servers and gateways still stamp with.
  static let legacyNamespace = "jabber:x:delay"

  package static func isStamped(_ stanza: XMLElement) -> Bool {
    stanza.first("delay", namespace) != nil || stanza.first("x", legacyNamespace) != nil
  }
}
