/// An XMPP address (RFC 7622): `localpart@domainpart/resourcepart`.
///
/// The parts are stored prepared, so that two JIDs are equal if they match by RFC 7622. ``JIDPreparation`` says which
/// rules of PRECIS (RFC 8264) are enforced without Unicode normalization tables, and which are not.
package struct JID: Sendable {
  package enum Part: Hashable, Sendable {
    case local
    case domain
    case resource
  }

  package let local: String?
  /// The domain, in U-labels if it is internationalized (RFC 7622 section 3.2).
  package let domain: String
  package let resource: String?
  /// The domain in A-labels, if it was written like that: a server whose own name is configured in A-labels accepts no
  /// other spelling.
  private let spelling: String?

  /// Parses a JID: the resourcepart follows the first `/`, and before it the localpart ends at the first `@` (RFC 7622
  /// section 3.2).
  ///
  /// - Throws: `JIDError`.
  package init(_ text: String) throws(JIDError) {
    let slash = text.unicodeScalars.firstIndex(of: "/")
    let address = text.unicodeScalars[..<(slash ?? text.unicodeScalars.endIndex)]
    let resource = slash.map { String(text.unicodeScalars[text.unicodeScalars.index(after: $0)...]) }
    guard let at = address.firstIndex(of: "@") else {
      try self.init(local: nil, domain: String(address), resource: resource)
      return
    }
    try self.init(
      local: String(address[..<at]), domain: String(address[address.index(after: at)...]), resource: resource)
  }

  /// Prepares and enforces the parts of a JID.
  ///
  /// - Throws: `JIDError`.
  package init(local: String? = nil, domain: String, resource: String? = nil) throws(JIDError) {
    if let local {
      self.local = try JIDPreparation.local(local)
    } else {
      self.local = nil
    }
    let spelled = try JIDPreparation.domain(domain)
    guard let unicode = IDNA.unicode(spelled) else { throw .malformedDomain }
    self.domain = unicode
    spelling = unicode == spelled ? nil : spelled
    if let resource {
      self.resource = try JIDPreparation.resource(resource)
    } else {
      self.resource = nil
    }
  }

  /// Makes a JID of parts that are prepared already.
  private init(_ jid: JID, local: String?, resource: String?, spelling: String?) {
    self.local = local
    domain = jid.domain
    self.resource = resource
    self.spelling = spelling
  }

  package var isBare: Bool { resource == nil }

  /// Whether the domain is internationalized and is written in A-labels.
  package var isInALabels: Bool { spelling != nil }

  /// The address without its resource.
  package var bare: JID { JID(self, local: local, resource: nil, spelling: spelling) }

  /// The address of the server that this one belongs to.
  package var server: JID { JID(self, local: nil, resource: nil, spelling: spelling) }

  /// The JID with the domain in U-labels, which is the form to be sent (RFC 7622 section 3.2).
  package var inULabels: JID { JID(self, local: local, resource: resource, spelling: nil) }

  /// The JID with the domain in A-labels, for a server whose own name is configured like that.
  package var inALabels: JID {
    let ascii = IDNA.ascii(domain)
    return JID(self, local: local, resource: resource, spelling: ascii == domain ? nil : ascii)
  }

  /// Returns the JID with another resource.
  ///
  /// - Throws: `JIDError`.
  package func with(resource: String) throws(JIDError) -> JID {
    JID(self, local: local, resource: try JIDPreparation.resource(resource), spelling: spelling)
  }
}

/// JIDs are equal whichever way their domain is written.
extension JID: Hashable {
  package static func == (left: JID, right: JID) -> Bool {
    left.local == right.local && left.domain == right.domain && left.resource == right.resource
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(local)
    hasher.combine(domain)
    hasher.combine(resource)
  }
}

extension JID: CustomStringConvertible {
  package var description: String {
    (local.map { $0 + "@" } ?? "") + (spelling ?? domain) + (resource.map { "/" + $0 } ?? "")
  }
}
