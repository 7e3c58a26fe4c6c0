/// What is wrong with a server's stream management, XEP-0198.
package enum StreamManagementError: Error, Hashable, Sendable {
  /// An element without the attributes it must have, or for another stream.
  case malformed
  /// Section 4: the server acknowledges more than it was sent, or takes an acknowledgement back.
  case handledCountTooHigh(h: UInt32, sent: UInt32)
  /// So many stanzas were sent that the server has not acknowledged, though asked.
  case tooManyUnacknowledged

  /// The application's own condition beside the defined one, RFC 6120 section 4.9.4.
  var applicationCondition: XMLElement? {
    guard case .handledCountTooHigh(let h, let sent) = self else { return nil }
    return XMLElement(
      "handled-count-too-high", namespace: StreamManagement.namespace,
      attributes: ["h": String(h), "send-count": String(sent)])
  }

  /// Section 4: "an <undefined-condition/> stream error condition that includes a <handled-count-too-high/> element".
  var condition: StreamErrorCondition {
    switch self {
    case .handledCountTooHigh: .undefinedCondition
    case .malformed: .policyViolation
    case .tooManyUnacknowledged: .resourceConstraint
    }
  }
}

extension StreamManagementError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .malformed: "an element that makes no sense"
    case .handledCountTooHigh(let h, let sent): "\(h) of \(sent) acknowledged"
    case .tooManyUnacknowledged: "too many unacknowledged"
    }
  }
}
