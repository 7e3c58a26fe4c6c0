import XMPP

extension RTPDescription {
  /// A synchronization source with its attributes (XEP-0339, `ssrc` of RFC 5576 section 4.1).
  package struct Source: ElementConvertible {
    package static let parameterLimit = 16

    package var ssrc: UInt32
    package var parameters: [Parameter]

    package init(ssrc: UInt32, parameters: [Parameter] = []) {
      self.ssrc = ssrc
      self.parameters = parameters
    }

    package init(_ element: XMLElement) throws(JingleError) {
      try element.expect("source", Namespace.sources)
      ssrc = try element.requiredNumber("ssrc")
      var skipped: [JingleError] = []
      parameters = element.decode(
        "parameter", Namespace.sources, limit: Self.parameterLimit, skipped: &skipped)
      if let error = skipped.first { throw error }
    }

    package var element: XMLElement {
      var element = XMLElement("source", namespace: Namespace.sources, attributes: ["ssrc": String(ssrc)])
      element.append(parameters)
      return element
    }

    /// An attribute of a source, which may have no value (RFC 5576 section 4.1).
    package struct Parameter: ElementConvertible {
      package var name: String
      package var value: String?

      package init(name: String, value: String?) {
        self.name = name
        self.value = value
      }

      package init(_ element: XMLElement) throws(JingleError) {
        try element.expect("parameter", Namespace.sources)
        name = try element.required("name")
        value = element["value"]
      }

      package var element: XMLElement {
        var element = XMLElement("parameter", namespace: Namespace.sources, attributes: ["name": name])
        element["value"] = value
        return element
      }
    }
  }

  /// A group of sources (XEP-0339, `ssrc-group` of RFC 5576 section 4.2), such as those of a medium and its
  /// retransmission (`FID`).
  package struct SourceGroup: ElementConvertible {
    package var semantics: String
    package var sources: [UInt32]

    package init(semantics: String, sources: [UInt32]) {
      self.semantics = semantics
      self.sources = sources
    }

    package init(_ element: XMLElement) throws(JingleError) {
      try element.expect("ssrc-group", Namespace.sources)
      semantics = try element.required("semantics")
      let members = element.all("source", Namespace.sources)
      guard members.count <= RTPDescription.sourceLimit else { throw .tooMany("source", of: element.name) }
      sources = []
      for member in members { sources.append(try member.requiredNumber("ssrc")) }
    }

    package var element: XMLElement {
      XMLElement(
        "ssrc-group", namespace: Namespace.sources, attributes: ["semantics": semantics],
        children: sources.map {
          .element(XMLElement("source", namespace: Namespace.sources, attributes: ["ssrc": String($0)]))
        })
    }
  }
}
