/// A stanza error (RFC 6120 section 8.3).
package struct StanzaError: Error, Hashable, Sendable {
  /// The error type (RFC 6120 section 8.3.2).
  package enum Kind: String, Hashable, Sendable {
    case auth, cancel, `continue`, modify, wait
  }

  /// The defined error condition (RFC 6120 section 8.3.3).
  package enum Condition: String, Hashable, Sendable, CaseIterable {
    case badRequest = "bad-request"
    case conflict
    case featureNotImplemented = "feature-not-implemented"
    case forbidden
    case gone
    case internalServerError = "internal-server-error"
    case itemNotFound = "item-not-found"
    case jidMalformed = "jid-malformed"
    case notAcceptable = "not-acceptable"
    case notAllowed = "not-allowed"
    case notAuthorized = "not-authorized"
    case policyViolation = "policy-violation"
    case recipientUnavailable = "recipient-unavailable"
    case redirect
    case registrationRequired = "registration-required"
    case remoteServerNotFound = "remote-server-not-found"
    case remoteServerTimeout = "remote-server-timeout"
    case resourceConstraint = "resource-constraint"
    case serviceUnavailable = "service-unavailable"
    case subscriptionRequired = "subscription-required"
    case undefinedCondition = "undefined-condition"
    case unexpectedRequest = "unexpected-request"
  }

  package var kind: Kind
  package var condition: Condition
  package var text: String?
  /// The application-specific condition, in addition to the defined one (RFC 6120 section 8.3.4).
  package var application: XMLElement?

  package init(_ kind: Kind, _ condition: Condition, text: String? = nil, application: XMLElement? = nil) {
    self.kind = kind
    self.condition = condition
    self.text = text
    self.application = application
  }

  /// Reads a stanza of type `error`. A malformed one is read as an error too.
  package init(parsing stanza: XMLElement) {
    let children = stanza.first("error", Namespace.client)?.elements ?? []
    let defined = children.filter { $0.namespace == Namespace.stanzaErrors }
    kind = stanza.first("error", Namespace.client)?["type"].flatMap(Kind.init) ?? .cancel
    condition = defined.lazy.compactMap { Condition(rawValue: $0.name) }.first ?? .undefinedCondition
    text = defined.first { $0.name == "text" }?.text
    application = children.first { $0.namespace != Namespace.stanzaErrors }
  }

  package var element: XMLElement {
    var element = XMLElement("error", namespace: Namespace.client, attributes: ["type": kind.rawValue])
    element.append(XMLElement(condition.rawValue, namespace: Namespace.stanzaErrors))
    if let text {
      element.append(XMLElement("text", namespace: Namespace.stanzaErrors, children: [.text(text)]))
    }
    if let application { element.append(application) }
    return element
  }
}

extension StanzaError: CustomStringConvertible {
  package var description: String {
    condition.rawValue + (text.map { " (\($0))" } ?? "")
  }
}
