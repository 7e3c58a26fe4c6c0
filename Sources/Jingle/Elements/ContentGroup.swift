import XMPP

/// XEP-0338: contents that belong together, such as those that share one transport (`BUNDLE`).
package struct ContentGroup: ElementConvertible {
  package var semantics: String
  /// Names of contents, in order: RFC 8843 lets the first one's transport carry them all.
  package var contents: [String]

  package init(semantics: String = "BUNDLE", contents: [String]) {
    self.semantics = semantics
    self.contents = contents
  }

  package init(_ element: XMLElement) throws(JingleError) {
    try element.expect("group", Namespace.grouping)
    semantics = try element.required("semantics")
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
