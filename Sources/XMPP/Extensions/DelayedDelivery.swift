/// The stamp of a stanza that was delayed on its way: Delayed Delivery (XEP-0203).
package enum DelayedDelivery {
  static let namespace = "urn:xmpp:delay"
  /// The namespace of XEP-0091, whose stamps old servers and gateways still use.
  static let legacyNamespace = "jabber:x:delay"

  package static func isStamped(_ stanza: XMLElement) -> Bool {
    stanza.elements.contains(where: isStamp)
  }

  /// Returns the time of each stamp in seconds since 1970, or nil for a stamp that has none.
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
