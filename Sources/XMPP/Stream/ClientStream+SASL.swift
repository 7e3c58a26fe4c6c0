import NIOCore

/// The SASL negotiation (RFC 6120 section 6).
extension ClientStream {
  mutating func authenticate(_ features: XMLElement) -> Action {
    let offered = features.first("mechanisms", Namespace.sasl)?.all("mechanism", Namespace.sasl).map(\.text) ?? []
    let types =
      features.first("sasl-channel-binding", Namespace.saslChannelBinding)?
      .all("channel-binding", Namespace.saslChannelBinding).compactMap { $0["type"] } ?? []
    let username = configuration.jid.local ?? ""
    do {
      let mechanism = try SASLMechanism.choose(
        offered: Set(offered), bindingTypes: Set(types), bindings: bindings, hadSCRAM: configuration.hadSCRAM)
      switch mechanism {
      case .plain:
        let user = try SASLPreparation.prepare(username)
        let password = try SASLPreparation.prepare(configuration.password)
        state = .awaitingPlain
        return .send(sasl("auth", [0] + user + [0] + password, mechanism: mechanism))
      case .scram(let hash, let binding):
        let scram = try SCRAMClient(
          hash, username: username, password: configuration.password, binding: binding, nonce: nonce)
        let response = scram.initialResponse
        state = .authenticating(scram)
        return .send(sasl("auth", response, mechanism: mechanism))
      }
    } catch {
      return fail(.sasl(error))
    }
  }

  mutating func authenticate(_ scram: SCRAMClient, _ element: XMLElement) -> Action {
    var scram = scram
    do {
      if element.is("challenge", Namespace.sasl) {
        let message = try data(element)
        // The `server-final-message` comes with the success (RFC 6120 section 6.4.6) or, from old servers, in a
        // challenge before it.
        if message.starts(with: "v=".utf8) || message.starts(with: "e=".utf8) {
          try scram.verify(message)
          state = .authenticating(scram)
          return .send(sasl("response", []))
        }
        let derivation = try scram.receiveChallenge(message)
        state = .deriving(scram)
        return .derive(derivation)
      }
      guard element.is("success", Namespace.sasl) else { return failAuthentication(element) }
      if !scram.isVerified {
        let message = try data(element)
        guard !message.isEmpty else { return fail(.sasl(.serverNotAuthenticated)) }
        try scram.verify(message)
      }
      hadSCRAM = true
      return authenticated()
    } catch {
      return fail(.sasl(error))
    }
  }

  mutating func authenticated() -> Action {
    state = .awaitingHeader(.authenticated)
    return .restart(header(from: configuration.jid.bare))
  }

  mutating func failAuthentication(_ element: XMLElement) -> Action {
    guard element.is("failure", Namespace.sasl) else { return fail(.unexpected(element.name)) }
    let condition = element.elements.first { $0.namespace == Namespace.sasl && $0.name != "text" }?.name
    return fail(
      .authenticationFailed(
        condition: condition ?? "not-authorized", text: element.first("text", Namespace.sasl)?.text))
  }

  /// Decodes the data of an element, in which a single `=` means empty data (RFC 6120 section 6.4.2).
  private func data(_ element: XMLElement) throws(SASLError) -> [UInt8] {
    if element.text == "=" { return [] }
    guard let data = Base64.decode(element.text) else { throw .malformedMessage }
    return data
  }

  func sasl(_ name: String, _ data: [UInt8], mechanism: SASLMechanism? = nil) -> ByteBuffer {
    var element = XMLElement(name, namespace: Namespace.sasl)
    element["mechanism"] = mechanism?.name
    if !data.isEmpty { element.children = [.text(Base64.encode(data))] }
    return XMLWriter.bytes(of: element)
  }
}
