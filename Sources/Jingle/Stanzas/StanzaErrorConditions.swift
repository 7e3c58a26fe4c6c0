import XMPP

/// RFC 6120 section 8.3: what an error stanza says, as far as calls need it.
struct StanzaErrorConditions: Hashable, Sendable {
  /// The defined condition, such as `recipient-unavailable`.
  let defined: String
  /// XEP-0166 section 11: Jingle's own word beside it.
  let jingle: String?

  /// Takes what it finds: an error without a condition is an error nonetheless.
  init(of stanza: XMLElement) {
    let children = stanza.first("error", Namespace.client)?.elements ?? []
    defined =
      children.first { $0.namespace == Namespace.stanzaErrors && $0.name != "text" }?.name ?? "undefined-condition"
    jingle = children.first { $0.namespace == Namespace.jingleErrors }?.name
  }
}
