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

extension JingleError: CustomStringConvertible {
  /// Names in the errors may be the peer's.
  private static let nameLimit = 64

  /// The element and the attribute, for the peer's developers and for the log.
  package var description: String {
    switch self {
    case .unexpectedElement(let name): "unexpected <\(name.prefix(Self.nameLimit))/>"
    case .missingAttribute(let attribute, let name): "<\(name)/> lacks the attribute '\(attribute)'"
    case .malformedAttribute(let attribute, let name): "<\(name)/> has a malformed attribute '\(attribute)'"
    case .missingElement(let child, let name): "<\(name)/> lacks its \(child)"
    case .tooMany(let child, let name): "<\(name)/> has too many <\(child)/>"
    case .unknownAction(let action): "unknown action '\(action.prefix(Self.nameLimit))'"
    }
  }
}

extension [JingleError] {
  /// As many as a person reads.
  private static let summaryLimit = 4

  /// The first of them on one line; nil where there are none.
  package var summary: String? {
    guard !isEmpty else { return nil }
    let first = prefix(Self.summaryLimit).map(\.description).joined(separator: ", ")
    return count > Self.summaryLimit ? "\(first) and \(count - Self.summaryLimit) more" : first
  }
}
