/// Why an element is not what its XEP says.
package enum JingleError: Error, Hashable, Sendable {
  case unexpectedElement(String)
  case missingAttribute(String, of: String)
  case malformedAttribute(String, of: String)
  case missingElement(String, of: String)
  /// More children of one kind than any honest peer sends.
  case tooMany(String, of: String)
  /// An action that XEP-0166 section 7.2 does not list.
  case unknownAction(String)
}
