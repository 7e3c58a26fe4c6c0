/// An XMPP address, RFC 7622: `localpart@domainpart/resourcepart`.
///
/// Parts are kept prepared, so that two JIDs are equal where RFC 7622 says that they match. What of PRECIS (RFC 8264)
/// is enforced without Unicode's normalization tables, and what is not, stands with `JIDPreparation`.
package struct JID: Sendable {
  package enum Part: Hashable, Sendable {
    case local
    case domain
    case resource
  }

  package let local: String?
  /// In U-labels where it is an internationalized name (RFC 7622 section 3.2).
  package let domain: String
  package let resource: String?
  /// The domain as it was spelled, where that was by A-labels: a server that has its own name so knows itself by no other.
  private let spelling: String?

  /// RFC 7622 section 3.2: the resource is what follows the first `/`; before it, the localpart ends at the first `@`.
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

  /// The parts are prepared.
  private init(_ jid: JID, local: String?, resource: String?, spelling: String?) {
    self.local = local
    domain = jid.domain
    self.resource = resource
    self.spelling = spelling
  }

  package var isBare: Bool { resource == nil }

  /// Whether the domain is an internationalized name that is spelled in A-labels.
  package var isInALabels: Bool { spelling != nil }

  /// The address without its resource.
  package var bare: JID { JID(self, local: local, resource: nil, spelling: spelling) }

  /// The address of the server that this one belongs to.
  package var server: JID { JID(self, local: nil, resource: nil, spelling: spelling) }

  /// With the domain in U-labels, as what is sent has to have it (RFC 7622 section 3.2).
  package var inULabels: JID { JID(self, local: local, resource: resource, spelling: nil) }

  /// With the domain in A-labels, for a server that has its own name so.
  package var inALabels: JID {
    let ascii = IDNA.ascii(domain)
    return JID(self, local: local, resource: resource, spelling: ascii == domain ? nil : ascii)
  }

  package func with(resource: String) throws(JIDError) -> JID {
    JID(self, local: local, resource: try JIDPreparation.resource(resource), spelling: spelling)
  }
}

/// Whatever the spelling.
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
