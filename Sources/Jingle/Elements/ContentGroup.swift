import XMPP

/// XEP-0338: contents that belong together, such as those that share one transport (`BUNDLE`).
package struct ContentGroup: ElementConvertible {
  package var semantics: String
  /// Names of contents, in order.
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
  /// Whether by this group all of these contents share one transport (RFC 9143). In what order it names them is the
  /// peer's choice.
  package func bundles(_ contents: [Content]) -> Bool {
    semantics == "BUNDLE" && Set(self.contents) == Set(contents.map(\.name))
  }
}

extension [Content] {
  /// The contents whose transports count.
  ///
  /// Of a bundle it is the one that the group names first, the tagged one: "ICE-related media-level attributes are only
  /// included in the tagged "m=" section" (RFC 9143 section 10), and so are those of DTLS and rtcp-mux (section 7.1.3).
  package func carriers(in group: ContentGroup?) -> [Content] {
    guard let group, group.bundles(self) else { return self }
    return filter { $0.name == group.contents.first }
  }

  /// What was left out of them, for a person to read; empty where nothing was.
  var remark: String { flatMap(\.skipped).summary.map { " (\($0))" } ?? "" }
}
