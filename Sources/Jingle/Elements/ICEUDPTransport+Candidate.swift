import XMPP

extension ICEUDPTransport {
  /// XEP-0176 section 5.5: an ICE candidate as it stands on the wire; addresses are texts, and not always literals.
  package struct Candidate: ElementConvertible {
    package enum Kind: String, Hashable, Sendable {
      case host
      case serverReflexive = "srflx"
      case peerReflexive = "prflx"
      case relayed = "relay"
    }

    /// Names the candidate within the session.
    package var id: String
    package var component: UInt16
    package var foundation: String
    package var generation: UInt16
    package var network: UInt16
    package var transportProtocol: String
    package var ip: String
    package var port: UInt16
    package var priority: UInt32
    package var kind: Kind
    package var relatedAddress: String?
    package var relatedPort: UInt16?

    package init(
      id: String, component: UInt16 = 1, foundation: String, generation: UInt16 = 0, network: UInt16 = 0,
      transportProtocol: String = "udp", ip: String, port: UInt16, priority: UInt32, kind: Kind,
      relatedAddress: String? = nil, relatedPort: UInt16? = nil
    ) {
      self.id = id
      self.component = component
      self.foundation = foundation
      self.generation = generation
      self.network = network
      self.transportProtocol = transportProtocol
      self.ip = ip
      self.port = port
      self.priority = priority
      self.kind = kind
      self.relatedAddress = relatedAddress
      self.relatedPort = relatedPort
    }

    package init(_ element: XMLElement) throws(JingleError) {
      try element.expect("candidate", Namespace.iceUDP)
      component = try element.requiredNumber("component")
      foundation = try element.required("foundation")
      ip = try element.required("ip")
      port = try element.requiredNumber("port")
      priority = try element.requiredNumber("priority")
      transportProtocol = try element.required("protocol")
      guard let kind: Kind = try element.choice("type") else { throw .missingAttribute("type", of: element.name) }
      self.kind = kind
      // Bookkeeping that ICE does without: clients leave some out.
      id = element["id"] ?? ""
      generation = try element.number("generation") ?? 0
      network = try element.number("network") ?? 0
      relatedAddress = element["rel-addr"]
      relatedPort = try element.number("rel-port")
    }

    package var element: XMLElement {
      var element = XMLElement(
        "candidate", namespace: Namespace.iceUDP,
        attributes: [
          "id": id, "component": String(component), "foundation": foundation, "generation": String(generation),
          "network": String(network), "protocol": transportProtocol, "ip": ip, "port": String(port),
          "priority": String(priority), "type": kind.rawValue,
        ])
      element["rel-addr"] = relatedAddress
      element["rel-port"] = relatedPort.map { String($0) }
      return element
    }
  }
}
