/// A form, either to be filled in or filled in: Data Forms (XEP-0004).
package struct DataForm: Hashable, Sendable {
  package static let namespace = "jabber:x:data"
  /// The most fields accepted in a received form; our own forms have a few.
  package static let fieldLimit = 32

  /// The type of a form (XEP-0004 section 3.1).
  package enum Kind: String, Hashable, Sendable {
    case form, submit, cancel, result
  }

  /// A field of a form (XEP-0004 section 3.2).
  package struct Field: Hashable, Sendable {
    /// The field types in use here (XEP-0004 section 3.3).
    package enum Kind: String, Hashable, Sendable {
      case listSingle = "list-single"
      case textSingle = "text-single"
    }

    package var name: String
    /// The field type; nil in a submitted form.
    package var kind: Kind?
    package var label: String?
    package var value: String?
    /// The values to choose from, each with a label for users.
    package var options: [Option]

    package struct Option: Hashable, Sendable {
      package var label: String
      package var value: String

      package init(label: String, value: String) {
        self.label = label
        self.value = value
      }
    }

    package init(
      _ name: String, _ kind: Kind? = nil, label: String? = nil, value: String? = nil, options: [Option] = []
    ) {
      self.name = name
      self.kind = kind
      self.label = label
      self.value = value
      self.options = options
    }
  }

  package var kind: Kind
  package var title: String?
  package var instructions: String?
  package var fields: [Field]

  package init(_ kind: Kind, title: String? = nil, instructions: String? = nil, fields: [Field] = []) {
    self.kind = kind
    self.title = title
    self.instructions = instructions
    self.fields = fields
  }

  /// Reads the form that `parent` contains; returns nil if there is none, or an invalid one.
  package init?(in parent: XMLElement) {
    guard let element = parent.first("x", Self.namespace) else { return nil }
    self.init(element)
  }

  /// Reads the names and first values of the fields, which is all that a submitted form of ours contains.
  init?(_ element: XMLElement) {
    guard let kind = element["type"].flatMap(Kind.init) else { return nil }
    let fields = element.all("field", Self.namespace)
    guard fields.count <= Self.fieldLimit else { return nil }
    self.init(
      kind,
      fields: fields.compactMap { field in
        field["var"].map { Field($0, value: field.first("value", Self.namespace)?.text) }
      })
  }

  /// The value of the field with this name.
  package subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

  package var element: XMLElement {
    var element = XMLElement("x", namespace: Self.namespace, attributes: ["type": kind.rawValue])
    if let title { element.append(Self.text("title", title)) }
    if let instructions { element.append(Self.text("instructions", instructions)) }
    for field in fields { element.append(Self.element(of: field)) }
    return element
  }

  private static func element(of field: Field) -> XMLElement {
    var element = XMLElement("field", namespace: namespace, attributes: ["var": field.name])
    element["type"] = field.kind?.rawValue
    element["label"] = field.label
    if let value = field.value { element.append(text("value", value)) }
    for option in field.options {
      element.append(
        XMLElement(
          "option", namespace: namespace, attributes: ["label": option.label],
          children: [.element(text("value", option.value))]))
    }
    return element
  }

  private static func text(_ name: String, _ text: String) -> XMLElement {
    XMLElement(name, namespace: namespace, children: [.text(text)])
  }
}
