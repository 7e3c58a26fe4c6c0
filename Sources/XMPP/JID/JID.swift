/// An XMPP address, RFC 7622: `localpart@domainpart/resourcepart`.
///
/// Parts are kept prepared, so that two JIDs are equal where RFC 7622 says that they match. What of PRECIS (RFC 8264)
/// is enforced without Unicode's normalization tables, and what is not, stands with `JIDPreparation`.
package struct JID: Hashable, Sendable {
  package enum Part: Hashable, Sendable {
    case local
    case domain
    case resource
  }

  package let local: String?
  package let domain: String
  package let resource: String?

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
    self.domain = try JIDPreparation.domain(domain)
    if let resource {
      self.resource = try JIDPreparation.resource(resource)
    } else {
      self.resource = nil
    }
  }

  private init(prepared local: String?, _ domain: String, _ resource: String?) {
    self.local = local
    self.domain = domain
    self.resource = resource
  }

  package var isBare: Bool { resource == nil }

  /// The address without its resource.
  package var bare: JID { JID(prepared: local, domain, nil) }

  /// The address of the server that this one belongs to.
  package var server: JID { JID(prepared: nil, domain, nil) }

  package func with(resource: String) throws(JIDError) -> JID {
    JID(prepared: local, domain, try JIDPreparation.resource(resource))
  }
}

extension JID: CustomStringConvertible {
  package var description: String {
    (local.map { $0 + "@" } ?? "") + domain + (resource.map { "/" + $0 } ?? "")
  }
}
