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

  /// A decimal number that fits into `Number`. A sign and leading zeros are part of the lexical space (XML Schema Part 2
  /// section 3.3.13).
  func number<Number: FixedWidthInteger>(_ attribute: String) throws(JingleError) -> Number? {
    guard let value = collapsed(attribute) else { return nil }
    guard let number = Number(value) else { throw .malformedAttribute(attribute, of: name) }
    return number
  }

  func requiredNumber<Number: FixedWidthInteger>(_ attribute: String) throws(JingleError) -> Number {
    guard let number: Number = try number(attribute) else { throw .missingAttribute(attribute, of: name) }
    return number
  }

  /// The attribute as one of an enumeration's values, which are lower case.
  func choice<Choice: RawRepresentable<String>>(_ attribute: String) throws(JingleError) -> Choice? {
    guard let value = collapsed(attribute) else { return nil }
    guard let choice = Choice(rawValue: value.lowercased()) else { throw .malformedAttribute(attribute, of: name) }
    return choice
  }

  /// The children of that name as values, up to `limit` of them.
  ///
  /// One that cannot be read costs itself alone. `skipped` is told why.
  func decode<Value: ElementConvertible>(
    _ childName: String, _ namespace: String, limit: Int, skipped: inout [JingleError]
  ) -> [Value] {
    let elements = all(childName, namespace)
    if elements.count > limit { skipped.append(.tooMany(childName, of: name)) }
    var values: [Value] = []
    values.reserveCapacity(min(elements.count, limit))
    for element in elements.prefix(limit) {
      do throws(JingleError) { values.append(try Value(element)) } catch { skipped.append(error) }
    }
    return values
  }

  /// The same of a child that is there once at most.
  func decodeFirst<Value: ElementConvertible>(
    _ childName: String, _ namespace: String, skipped: inout [JingleError]
  ) -> Value? {
    let values: [Value] = decode(childName, namespace, limit: 1, skipped: &skipped)
    return values.first
  }

  mutating func append(_ values: [some ElementConvertible]) {
    for value in values { append(value.element) }
  }
}
