/// The name and version of the program: Software Version (XEP-0092). The operating system is optional and is not
/// disclosed.
package struct SoftwareVersion: Hashable, Sendable {
  package static let namespace = "jabber:iq:version"

  package var name: String
  package var version: String

  package init(name: String, version: String) {
    self.name = name
    self.version = version
  }

  func answer(to request: XMLElement) -> XMLElement? {
    guard request.iqType == .get, request.first("query", Self.namespace) != nil else { return nil }
    var query = XMLElement("query", namespace: Self.namespace)
    query.append(XMLElement("name", namespace: Self.namespace, children: [.text(name)]))
    query.append(XMLElement("version", namespace: Self.namespace, children: [.text(version)]))
    return request.result(query)
  }
}
