import Crypto

/// The identity and the features of an entity: Service Discovery (XEP-0030) and the hash of them in presence, Entity
/// Capabilities (XEP-0115).
package struct ServiceDiscovery: Hashable, Sendable {
  package static let infoNamespace = "http://jabber.org/protocol/disco#info"
  package static let itemsNamespace = "http://jabber.org/protocol/disco#items"
  package static let capsNamespace = "http://jabber.org/protocol/caps"

  /// An identity (XEP-0030 section 3.1), with a category and a type of the XMPP Registrar.
  package struct Identity: Hashable, Sendable {
    package var category: String
    package var type: String
    package var language: String
    package var name: String

    package init(category: String, type: String, language: String = "", name: String) {
      self.category = category
      self.type = type
      self.language = language
      self.name = name
    }
  }

  package var identities: [Identity]
  package var features: Set<String>
  /// The URI that identifies the software (XEP-0115 section 4).
  package var node: String

  package init(identities: [Identity], features: Set<String>, node: String) {
    self.identities = identities
    self.features = features
    self.node = node
  }

  /// The most items read from a response; most servers have a handful.
  static let itemLimit = 32

  /// Makes the query for the items of an entity. The id of a query is set when it is sent.
  package static func itemsRequest(to entity: JID) -> XMLElement {
    .iq(.get, id: "", to: entity, XMLElement("query", namespace: itemsNamespace))
  }

  /// Makes the query for the identity and the features of an entity.
  package static func infoRequest(to entity: JID) -> XMLElement {
    .iq(.get, id: "", to: entity, XMLElement("query", namespace: infoNamespace))
  }

  /// Reads the items of a response that have no node (XEP-0030 section 4.1).
  package static func items(in result: XMLElement) -> [JID] {
    let items = result.first("query", itemsNamespace)?.all("item", itemsNamespace) ?? []
    return items.prefix(itemLimit).compactMap { item in
      item["node"] == nil ? item["jid"].flatMap { try? JID($0) } : nil
    }
  }

  /// The most features read from a response; a client has about a hundred.
  private static let featureLimit = 512

  /// Reads the features of a response (XEP-0030 section 3.1).
  package static func features(in result: XMLElement) -> Set<String> {
    let features = result.first("query", infoNamespace)?.all("feature", infoNamespace) ?? []
    return Set(features.prefix(featureLimit).compactMap { $0["var"] })
  }

  /// The SHA-1 hash of the verification string (XEP-0115 section 5.1). We have no extended forms.
  package var verification: String {
    var text = ""
    let identities = identities.map { "\($0.category)/\($0.type)/\($0.language)/\($0.name)<" }
    for part in identities.sorted(by: Self.isInOctetOrder) { text += part }
    for feature in features.sorted(by: Self.isInOctetOrder) { text += feature + "<" }
    return Base64.encode(Array(Insecure.SHA1.hash(data: Array(text.utf8))))
  }

  /// The `<c/>` element for our presence (XEP-0115 section 4).
  package var capabilities: XMLElement {
    XMLElement(
      "c", namespace: Self.capsNamespace, attributes: ["hash": "sha-1", "node": node, "ver": verification])
  }

  /// Returns the answer to a disco#info or disco#items query, or nil if `request` is neither, or queries a node that is
  /// left to ``AdHocCommands``.
  func answer(to request: XMLElement) -> XMLElement? {
    guard request.iqType == .get else { return nil }
    let unknownNode =
      features.contains(AdHocCommands.namespace) ? nil : request.errorReply(StanzaError(.cancel, .itemNotFound))
    if let query = request.first("query", Self.infoNamespace) {
      guard query["node"] == nil || query["node"] == "\(node)#\(verification)" else { return unknownNode }
      return request.result(info(node: query["node"]))
    }
    if let query = request.first("query", Self.itemsNamespace) {
      guard query["node"] == nil else { return unknownNode }
      return request.result(XMLElement("query", namespace: Self.itemsNamespace))
    }
    return nil
  }

  private func info(node: String?) -> XMLElement {
    var query = XMLElement("query", namespace: Self.infoNamespace)
    query["node"] = node
    for identity in identities {
      var element = XMLElement("identity", namespace: Self.infoNamespace)
      element["category"] = identity.category
      element["type"] = identity.type
      element["name"] = identity.name
      if !identity.language.isEmpty { element["xml:lang"] = identity.language }
      query.append(element)
    }
    for feature in features.sorted() {
      query.append(XMLElement("feature", namespace: Self.infoNamespace, attributes: ["var": feature]))
    }
    return query
  }

  /// Compares by octets ("i;octet", RFC 4790), as XEP-0115 section 5.1 requires; Swift orders strings differently.
  private static func isInOctetOrder(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
  }
}
