/// The action that a request asks for (XEP-0166 section 7.2).
package enum JingleAction: String, Hashable, Sendable, CaseIterable {
  case contentAccept = "content-accept"
  case contentAdd = "content-add"
  case contentModify = "content-modify"
  case contentReject = "content-reject"
  case contentRemove = "content-remove"
  case descriptionInfo = "description-info"
  case securityInfo = "security-info"
  case sessionAccept = "session-accept"
  case sessionInfo = "session-info"
  case sessionInitiate = "session-initiate"
  case sessionTerminate = "session-terminate"
  case transportAccept = "transport-accept"
  case transportInfo = "transport-info"
  case transportReject = "transport-reject"
  case transportReplace = "transport-replace"
}
