/// A violation of stream management by the server (XEP-0198).
package enum StreamManagementError: Error, Hashable, Sendable {
  /// An element lacks a required attribute or belongs to another stream.
  case malformed
  /// The server acknowledges more stanzas than were sent, or takes an acknowledgement back (XEP-0198 section 4).
  case handledCountTooHigh(h: UInt32, sent: UInt32)
  /// Too many stanzas are unacknowledged although the server was asked.
  case tooManyUnacknowledged

  /// The application-specific condition, in addition to the defined one (RFC 6120 section 4.9.4).
  var applicationCondition: XMLElement? {
    guard case .handledCountTooHigh(let h, let sent) = self else { return nil }
    return XMLElement(
      "handled-count-too-high", namespace: StreamManagement.namespace,
      attributes: ["h": String(h), "send-count": String(sent)])
  }

  /// The condition to send: for a wrong counter "an <undefined-condition/> stream error condition that includes a
  /// <handled-count-too-high/> element" (XEP-0198 section 4).
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
    case .malformed: "an element is malformed"
    case .handledCountTooHigh(let h, let sent): "it acknowledges \(h) of \(sent) stanzas"
    case .tooManyUnacknowledged: "too many stanzas are unacknowledged"
    }
  }
}
