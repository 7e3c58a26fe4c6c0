import XMPP

/// The payload of a session-info (XEP-0167 section 8).
package enum SessionInfo: Hashable, Sendable {
  case active
  case hold
  case mute(creator: Content.Creator?, name: String?)
  case ringing
  case unhold
  case unmute(creator: Content.Creator?, name: String?)
  /// A payload of another protocol, with its expanded name.
  case unknown(name: String, namespace: String)

  /// Reads the payload; returns nil if there is none.
  init?(payloadOf jingle: XMLElement) {
    guard let payload = jingle.elements.first else { return nil }
    let creator = payload["creator"].flatMap(Content.Creator.init(rawValue:))
    let name = payload["name"]
    switch (payload.namespace, payload.name) {
    case (Namespace.rtpInfo, "active"): self = .active
    case (Namespace.rtpInfo, "hold"): self = .hold
    case (Namespace.rtpInfo, "mute"): self = .mute(creator: creator, name: name)
    case (Namespace.rtpInfo, "ringing"): self = .ringing
    case (Namespace.rtpInfo, "unhold"): self = .unhold
    case (Namespace.rtpInfo, "unmute"): self = .unmute(creator: creator, name: name)
    default: self = .unknown(name: payload.name, namespace: payload.namespace)
    }
  }

  package var element: XMLElement {
    switch self {
    case .active: XMLElement("active", namespace: Namespace.rtpInfo)
    case .hold: XMLElement("hold", namespace: Namespace.rtpInfo)
    case .mute(let creator, let name): Self.element("mute", creator, name)
    case .ringing: XMLElement("ringing", namespace: Namespace.rtpInfo)
    case .unhold: XMLElement("unhold", namespace: Namespace.rtpInfo)
    case .unmute(let creator, let name): Self.element("unmute", creator, name)
    case .unknown(let name, let namespace): XMLElement(name, namespace: namespace)
    }
  }

  private static func element(_ kind: String, _ creator: Content.Creator?, _ name: String?) -> XMLElement {
    var element = XMLElement(kind, namespace: Namespace.rtpInfo)
    element["creator"] = creator?.rawValue
    element["name"] = name
    return element
  }
}
