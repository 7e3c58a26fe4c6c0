/// The values of attributes, according to the simple types of XML Schema.
extension XMLElement {
  /// The attribute without surrounding white space, which all types but strings collapse (XML Schema Part 2 section
  /// 4.3.6).
  package func collapsed(_ attribute: String) -> String? {
    guard let value = attributes[attribute] else { return nil }
    let isSpace: (Unicode.Scalar) -> Bool = { [" ", "\t", "\n", "\r"].contains($0) }
    var scalars = value.unicodeScalars[...].drop(while: isSpace)
    while let last = scalars.last, isSpace(last) { scalars.removeLast() }
    return String(scalars)
  }

  /// The attribute without surrounding white space; nil also if it is empty then.
  package func token(_ attribute: String) -> String? {
    collapsed(attribute).flatMap { $0.isEmpty ? nil : $0 }
  }
}
