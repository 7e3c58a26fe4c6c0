/// Why an element violates its XEP.
package enum JingleError: Error, Hashable, Sendable {
  case unexpectedElement(String)
  case missingAttribute(String, of: String)
  case malformedAttribute(String, of: String)
  case missingElement(String, of: String)
  /// The element has more children of one kind than any legitimate peer sends.
  case tooMany(String, of: String)
  /// The action is none of XEP-0166 section 7.2.
  case unknownAction(String)
}

extension JingleError: CustomStringConvertible {
  /// The greatest length of a name in an error text, since names may be the peer's.
  private static let nameLimit = 64

  /// The element and the attribute, for the log and for the developers of the peer's client.
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
  /// The most errors in a summary, as many as users read.
  private static let summaryLimit = 4

  /// The first errors in one line; nil if there are none.
  package var summary: String? {
    guard !isEmpty else { return nil }
    let first = prefix(Self.summaryLimit).map(\.description).joined(separator: ", ")
    return count > Self.summaryLimit ? "\(first) and \(count - Self.summaryLimit) more" : first
  }
}
