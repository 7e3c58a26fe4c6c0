import XMPP

/// A value with one XML form.
package protocol ElementConvertible: Hashable, Sendable {
  init(_ element: XMLElement) throws(JingleError)
  var element: XMLElement { get }
}

extension XMLElement {
  func expect(_ name: String, _ namespace: String) throws(JingleError) {
    guard self.is(name, namespace) else { throw .unexpectedElement(self.name) }
  }

  func required(_ attribute: String) throws(JingleError) -> String {
    guard let value = attributes[attribute], !value.isEmpty else { throw .missingAttribute(attribute, of: name) }
    return value
  }

  /// A decimal number, digits only, that fits into `Number`.
  func number<Number: FixedWidthInteger>(_ attribute: String) throws(JingleError) -> Number? {
    guard let value = attributes[attribute] else { return nil }
    guard value.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Number(value) else {
      throw .malformedAttribute(attribute, of: name)
    }
    return number
  }

  func requiredNumber<Number: FixedWidthInteger>(_ attribute: String) throws(JingleError) -> Number {
    guard let number: Number = try number(attribute) else { throw .missingAttribute(attribute, of: name) }
    return number
  }

  /// The attribute as one of an enumeration's values.
  func choice<Choice: RawRepresentable<String>>(_ attribute: String) throws(JingleError) -> Choice? {
    guard let value = attributes[attribute] else { return nil }
    guard let choice = Choice(rawValue: value) else { throw .malformedAttribute(attribute, of: name) }
    return choice
  }

  /// Every child of that name, as values; more than `limit` are hostile.
  func decode<Value: ElementConvertible>(
    _ childName: String, _ namespace: String, limit: Int
  ) throws(JingleError) -> [Value] {
    let elements = all(childName, namespace)
    guard elements.count <= limit else { throw .tooMany(childName, of: name) }
    var values: [Value] = []
    values.reserveCapacity(elements.count)
    for element in elements { values.append(try Value(element)) }
    return values
  }

  mutating func append(_ values: [some ElementConvertible]) {
    for value in values { append(value.element) }
  }
}
