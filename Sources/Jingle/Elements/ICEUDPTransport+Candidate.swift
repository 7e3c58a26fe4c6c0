import XMPP

extension ICEUDPTransport {
  /// An ICE candidate as it is signalled (XEP-0176 section 5.5). Its addresses are texts and not always IP addresses.
  package struct Candidate: ElementConvertible {
    package enum Kind: String, Hashable, Sendable {
      case host
      case serverReflexive = "srflx"
      case peerReflexive = "prflx"
      case relayed = "relay"
    }

    /// The identifier of the candidate within the session.
    package var id: String
    package var component: UInt16
    package var foundation: String
    package var generation: UInt16
    package var network: UInt16
    package var transportProtocol: String
    package var ip: String
    package var port: UInt16
    /// The priority; nil if it is absent or no number.
    package var priority: UInt32?
    package var kind: Kind
    package var relatedAddress: String?
    package var relatedPort: UInt16?

    package init(
      id: String, component: UInt16 = 1, foundation: String, generation: UInt16 = 0, network: UInt16 = 0,
      transportProtocol: String = "udp", ip: String, port: UInt16, priority: UInt32?, kind: Kind,
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

    /// Reads a candidate. Address, port and component must be valid, as a check needs them; for any other attribute
    /// that cannot be read the usual value is assumed.
    ///
    /// - Throws: `JingleError`.
    package init(_ element: XMLElement) throws(JingleError) {
      try element.expect("candidate", Namespace.iceUDP)
      guard let ip = element.token("ip") else { throw .missingAttribute("ip", of: element.name) }
      self.ip = ip
      port = try element.requiredNumber("port")
      component = try element.number("component") ?? 1
      transportProtocol = element.token("protocol")?.lowercased() ?? "udp"
      // "The set of candidate types is extensible for the future" (RFC 8839 section 5.1).
      kind = (try? element.choice("type")) ?? .host
      priority = try? element.number("priority")
      // Candidates with the same address have the same foundation in any case (RFC 8445 section 5.1.1.3).
      foundation = element.token("foundation") ?? ip
      id = element["id"] ?? ""
      generation = (try? element.number("generation")) ?? 0
      network = (try? element.number("network")) ?? 0
      relatedAddress = element.token("rel-addr")
      relatedPort = try? element.number("rel-port")
    }

    package var element: XMLElement {
      var element = XMLElement(
        "candidate", namespace: Namespace.iceUDP,
        attributes: [
          "id": id, "component": String(component), "foundation": foundation, "generation": String(generation),
          "network": String(network), "protocol": transportProtocol, "ip": ip, "port": String(port),
          "type": kind.rawValue,
        ])
      element["priority"] = priority.map { String($0) }
      element["rel-addr"] = relatedAddress
      element["rel-port"] = relatedPort.map { String($0) }
      return element
    }
  }
}
