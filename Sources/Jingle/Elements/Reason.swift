import XMPP

/// The reason why a session ends or something in it is refused (XEP-0166 section 7.4).
package struct Reason: ElementConvertible {
  /// The greatest length of the text in Unicode scalars; users read it in one line.
  package static let textLimit = 256

  /// The condition. Clients misspell some of the defined ones and invent others, which end a session as well.
  package struct Condition: RawRepresentable, Hashable, Sendable {
    package let rawValue: String

    package init(rawValue: String) {
      self.rawValue = rawValue
    }

    package static let alternativeSession = Self(rawValue: "alternative-session")
    package static let busy = Self(rawValue: "busy")
    package static let cancel = Self(rawValue: "cancel")
    package static let connectivityError = Self(rawValue: "connectivity-error")
    package static let decline = Self(rawValue: "decline")
    package static let expired = Self(rawValue: "expired")
    package static let failedApplication = Self(rawValue: "failed-application")
    package static let failedTransport = Self(rawValue: "failed-transport")
    package static let generalError = Self(rawValue: "general-error")
    package static let gone = Self(rawValue: "gone")
    package static let incompatibleParameters = Self(rawValue: "incompatible-parameters")
    package static let mediaError = Self(rawValue: "media-error")
    package static let securityError = Self(rawValue: "security-error")
    package static let success = Self(rawValue: "success")
    package static let timeout = Self(rawValue: "timeout")
    package static let unsupportedApplications = Self(rawValue: "unsupported-applications")
    package static let unsupportedTransports = Self(rawValue: "unsupported-transports")

    /// Whether users should be told of an error; unknown conditions count as a normal end.
    package var isFailure: Bool { Self.failures.contains(self) }

    private static let failures: Set<Self> = [
      .connectivityError, .failedApplication, .failedTransport, .generalError, .gone, .incompatibleParameters,
      .mediaError, .securityError, .unsupportedApplications, .unsupportedTransports,
    ]
  }

  package var condition: Condition
  package var text: String?

  package init(_ condition: Condition, text: String? = nil) {
    self.condition = condition
    self.text = text
  }

  package init(_ element: XMLElement) throws(JingleError) {
    try element.expect("reason", Namespace.jingle)
    let children = element.elements
    // An empty reason violates the schema but still ends the session.
    let condition = children.first { $0.namespace == Namespace.jingle && $0.name != "text" }
    self.condition = condition.map { Condition(rawValue: $0.name) } ?? .success
    text = element.first("text", Namespace.jingle).map {
      String(String.UnicodeScalarView($0.text.unicodeScalars.prefix(Self.textLimit)))
    }
  }

  package var element: XMLElement {
    var element = XMLElement("reason", namespace: Namespace.jingle)
    element.append(XMLElement(condition.rawValue, namespace: Namespace.jingle))
    if let text { element.append(XMLElement("text", namespace: Namespace.jingle, children: [.text(text)])) }
    return element
  }
}
