import XMPP

/// A message to all devices of an account about a call: its announcement and what becomes of it (XEP-0353).
package struct JingleMessage: ElementConvertible {
  package static let mediaLimit = 8

  package enum Kind: Hashable, Sendable {
    case propose([Media])
    case ringing
    case proceed
    /// The call was taken: from a device of the callee to its own account (older versions of the XEP), so that its
    /// other devices stop ringing.
    case accept
    case reject(Reason?, tieBreak: Bool)
    case retract(Reason?, tieBreak: Bool)
    /// The call has ended; `migratedTo` is the session that replaces it (XEP-0353 section 4.2).
    case finish(Reason?, migratedTo: String?)
  }

  /// The ID of the Jingle session to come.
  package var id: String
  package var kind: Kind

  package init(id: String, _ kind: Kind) {
    self.id = id
    self.kind = kind
  }

  package init(_ element: XMLElement) throws(JingleError) {
    guard element.namespace == Namespace.jingleMessage else { throw .unexpectedElement(element.name) }
    id = try element.required("id")
    let reason = element.first("reason", Namespace.jingle).flatMap { try? Reason($0) }
    let tieBreak = element.first("tie-break", Namespace.jingleMessage) != nil
    switch element.name {
    case "propose":
      let descriptions = element.all("description", Namespace.rtp)
      guard descriptions.count <= Self.mediaLimit else { throw .tooMany("description", of: element.name) }
      kind = .propose(descriptions.compactMap { $0.token("media").map { Media(rawValue: $0.lowercased()) } })
    case "ringing": kind = .ringing
    case "proceed": kind = .proceed
    case "accept": kind = .accept
    case "reject": kind = .reject(reason, tieBreak: tieBreak)
    case "retract": kind = .retract(reason, tieBreak: tieBreak)
    case "finish":
      let migrated = element.first("migrated", Namespace.jingleMessage)
      kind = .finish(reason, migratedTo: migrated?["to"])
    default: throw .unexpectedElement(element.name)
    }
  }

  package var element: XMLElement {
    var element = XMLElement(name, namespace: Namespace.jingleMessage, attributes: ["id": id])
    switch kind {
    case .propose(let media):
      for media in media {
        element.append(
          XMLElement("description", namespace: Namespace.rtp, attributes: ["media": media.rawValue]))
      }
    case .ringing, .proceed, .accept: break
    case .reject(let reason, let tieBreak), .retract(let reason, let tieBreak):
      if let reason { element.append(reason.element) }
      if tieBreak { element.append(XMLElement("tie-break", namespace: Namespace.jingleMessage)) }
    case .finish(let reason, let migratedTo):
      if let reason { element.append(reason.element) }
      if let migratedTo {
        element.append(
          XMLElement("migrated", namespace: Namespace.jingleMessage, attributes: ["to": migratedTo]))
      }
    }
    return element
  }

  private var name: String {
    switch kind {
    case .propose: "propose"
    case .ringing: "ringing"
    case .proceed: "proceed"
    case .accept: "accept"
    case .reject: "reject"
    case .retract: "retract"
    case .finish: "finish"
    }
  }
}

extension JingleMessage.Kind {
  /// Whether the message concerns a call that its receiver proposed, or one between both.
  var isAnswer: Bool {
    switch self {
    case .propose, .retract: false
    case .ringing, .proceed, .accept, .reject, .finish: true
    }
  }
}
