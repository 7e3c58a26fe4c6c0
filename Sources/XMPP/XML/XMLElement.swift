/// An element of a stanza as a value: the expanded name, the attributes, and the children in document order.
///
/// Namespace declarations are not attributes; the writer derives them from `namespace`. The key of a prefixed attribute
/// contains its prefix (`xml:lang`).
package struct XMLElement: Hashable, Sendable {
  package enum Node: Hashable, Sendable {
    case element(XMLElement)
    case text(String)
  }

  package var name: String
  package var namespace: String
  package var attributes: [String: String]
  package var children: [Node]

  package init(
    _ name: String, namespace: String, attributes: [String: String] = [:], children: [Node] = []
  ) {
    self.name = name
    self.namespace = namespace
    self.attributes = attributes
    self.children = children
  }

  /// The child elements, in order.
  package var elements: [XMLElement] {
    children.compactMap { if case .element(let element) = $0 { element } else { nil } }
  }

  /// The character data directly in this element.
  package var text: String {
    children.reduce(into: "") { if case .text(let text) = $1 { $0 += text } }
  }

  package subscript(attribute: String) -> String? {
    get { attributes[attribute] }
    set { attributes[attribute] = newValue }
  }

  package func `is`(_ name: String, _ namespace: String) -> Bool {
    self.name == name && self.namespace == namespace
  }

  /// The first child element with this expanded name.
  package func first(_ name: String, _ namespace: String) -> XMLElement? {
    for case .element(let element) in children where element.is(name, namespace) { return element }
    return nil
  }

  /// All child elements with this expanded name.
  package func all(_ name: String, _ namespace: String) -> [XMLElement] {
    elements.filter { $0.is(name, namespace) }
  }

  package mutating func append(_ element: XMLElement) {
    children.append(.element(element))
  }
}
