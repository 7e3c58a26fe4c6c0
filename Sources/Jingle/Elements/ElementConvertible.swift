import XMPP

/// A value that is represented by one XML element.
package protocol ElementConvertible: Hashable, Sendable {
  /// Reads the value from its element.
  ///
  /// - Throws: `JingleError`.
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

  /// The attribute as a decimal number; nil if it is absent. A sign and leading zeros are allowed (XML Schema Part 2
  /// section 3.3.13).
  ///
  /// - Throws: `JingleError.malformedAttribute` if it is no number or does not fit into `Number`.
  func number<Number: FixedWidthInteger>(_ attribute: String) throws(JingleError) -> Number? {
    guard let value = collapsed(attribute) else { return nil }
    guard let number = Number(value) else { throw .malformedAttribute(attribute, of: name) }
    return number
  }

  func requiredNumber<Number: FixedWidthInteger>(_ attribute: String) throws(JingleError) -> Number {
    guard let number: Number = try number(attribute) else { throw .missingAttribute(attribute, of: name) }
    return number
  }

  /// The attribute as one of the values of an enumeration, which are lower case; nil if it is absent.
  ///
  /// - Throws: `JingleError.malformedAttribute`.
  func choice<Choice: RawRepresentable<String>>(_ attribute: String) throws(JingleError) -> Choice? {
    guard let value = collapsed(attribute) else { return nil }
    guard let choice = Choice(rawValue: value.lowercased()) else { throw .malformedAttribute(attribute, of: name) }
    return choice
  }

  /// Reads the children with this name, at most `limit` of them.
  ///
  /// A child that cannot be read is left out, and its error is appended to `skipped`.
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

  /// Reads the first child with this name; further ones are reported in `skipped`.
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
