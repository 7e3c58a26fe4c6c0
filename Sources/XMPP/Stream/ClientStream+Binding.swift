import NIOCore

/// Resource binding (RFC 6120 section 7), and the session establishment that old servers require after it.
extension ClientStream {
  private static let bindID = "bind"
  static let sessionID = "session"

  mutating func bind(_ features: XMLElement) -> Action {
    bind(features, resource: configuration.resource)
  }

  private mutating func bind(_ features: XMLElement, resource: String?) -> Action {
    guard features.first("bind", Namespace.bind) != nil else { return fail(.bindNotOffered) }
    var bind = XMLElement("bind", namespace: Namespace.bind)
    if let resource {
      bind.append(XMLElement("resource", namespace: Namespace.bind, children: [.text(resource)]))
    }
    state = .binding(features: features, resource: resource)
    return .send(XMLWriter.bytes(of: .iq(.set, id: Self.bindID, bind)))
  }

  mutating func bound(_ features: XMLElement, _ resource: String?, _ element: XMLElement) -> Action {
    guard element["id"] == Self.bindID, let type = element.iqType, type == .result || type == .error else {
      state = .binding(features: features, resource: resource)
      return .wait
    }
    if type == .error {
      let error = StanzaError(parsing: element)
      // Another client has this resource and keeps it (RFC 6120 section 7.7.2.2).
      if error.condition == .conflict, resource != nil { return bind(features, resource: nil) }
      return fail(.bindFailed(error))
    }
    let text = element.first("bind", Namespace.bind)?.first("jid", Namespace.bind)?.text ?? ""
    guard let jid = try? JID(text), jid.local != nil, !jid.isBare else { return fail(.unexpected("bind")) }
    let session = Session(jid: jid, features: features)
    guard let offer = features.first("session", Namespace.session), offer.first("optional", Namespace.session) == nil
    else { return established(session) }
    state = .openingSession(session)
    let request = XMLElement("session", namespace: Namespace.session)
    return .send(XMLWriter.bytes(of: .iq(.set, id: Self.sessionID, request)))
  }

  mutating func established(_ session: Session) -> Action {
    state = .established
    var session = session
    session.lost = lost
    session.hadSCRAM = hadSCRAM
    guard configuration.isResumable, StreamManagement.isOffered(by: session.features) else {
      return .established(session, nil)
    }
    // What we send is counted from here on (XEP-0198 section 4), so that nothing has to wait for the response.
    management = StreamManagement()
    return .established(session, XMLWriter.bytes(of: StreamManagement.enable))
  }
}
