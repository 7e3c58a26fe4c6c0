import XMPP

/// A group of contents, such as those that share one transport (`BUNDLE`): XEP-0338.
package struct ContentGroup: ElementConvertible {
  package var semantics: String
  /// The names of the contents, in order.
  package var contents: [String]

  package init(semantics: String = "BUNDLE", contents: [String]) {
    self.semantics = semantics
    self.contents = contents
  }

  package init(_ element: XMLElement) throws(JingleError) {
    try element.expect("group", Namespace.grouping)
    guard let semantics = element.token("semantics") else { throw .missingAttribute("semantics", of: element.name) }
    self.semantics = semantics
    let members = element.all("content", Namespace.grouping)
    guard members.count <= Jingle.contentLimit else { throw .tooMany("content", of: "group") }
    contents = []
    for member in members { contents.append(try member.required("name")) }
  }

  package var element: XMLElement {
    XMLElement(
      "group", namespace: Namespace.grouping, attributes: ["semantics": semantics],
      children: contents.map {
        .element(XMLElement("content", namespace: Namespace.grouping, attributes: ["name": $0]))
      })
  }
}

// MARK: Bundles

extension ContentGroup {
  /// Whether the group makes all of these contents share one transport (RFC 9143). The peer may name them in any order.
  package func bundles(_ contents: [Content]) -> Bool {
    semantics == "BUNDLE" && Set(self.contents) == Set(contents.map(\.name))
  }
}

extension [Content] {
  /// The contents whose transports are used.
  ///
  /// In a bundle this is the content that the group names first, which is tagged: "ICE-related media-level attributes
  /// are only included in the tagged "m=" section" (RFC 9143 section 10), and so are those of DTLS and rtcp-mux
  /// (section 7.1.3).
  package func carriers(in group: ContentGroup?) -> [Content] {
    guard let group, group.bundles(self) else { return self }
    return filter { $0.name == group.contents.first }
  }

  /// The parts of these contents that were left out, as a text for users; empty if there are none.
  var remark: String { flatMap(\.skipped).summary.map { " (\($0))" } ?? "" }
}
