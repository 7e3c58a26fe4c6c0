/// The stamp of a stanza that was held up on its way, Delayed Delivery, XEP-0203.
package enum DelayedDelivery {
  static let namespace = "urn:xmpp:delay"
  /// XEP-0091, which old servers and gateways still stamp with.
  static let legacyNamespace = "jabber:x:delay"

  package static func isStamped(_ stanza: XMLElement) -> Bool {
    stanza.elements.contains(where: isStamp)
  }

  /// When each stamp says that the stanza was sent, in seconds since 1970; nil where it does not say.
  static func stamps(of stanza: XMLElement) -> [Int64?] {
    stanza.elements.filter(isStamp).map { element in
      guard let stamp = element["stamp"] else { return nil }
      return element.namespace == namespace
        ? DateTime.secondsSince1970(stamp) : DateTime.secondsSince1970(legacy: stamp)
    }
  }

  static func removeStamps(from stanza: inout XMLElement) {
    stanza.children.removeAll { if case .element(let element) = $0 { isStamp(element) } else { false } }
  }

  private static func isStamp(_ element: XMLElement) -> Bool {
    element.is("delay", namespace) || element.is("x", legacyNamespace)
  }
}
