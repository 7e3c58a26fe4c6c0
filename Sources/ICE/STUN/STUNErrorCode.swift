/// The value of ERROR-CODE (RFC 8489 section 14.8): a code from 300 to 699 and a reason phrase for users.
package struct STUNErrorCode: Hashable, Sendable {
  package let code: Int
  package let reason: String

  package init(_ code: Int, _ reason: String = "") {
    precondition((300...699).contains(code), "a STUN error code is between 300 and 699")
    self.code = code
    self.reason = reason
  }

  package static let tryAlternate = 300
  package static let badRequest = 400
  package static let unauthorized = 401
  package static let forbidden = 403
  package static let unknownAttribute = 420
  package static let allocationMismatch = 437
  package static let staleNonce = 438
  package static let addressFamilyNotSupported = 440
  package static let wrongCredentials = 441
  package static let unsupportedTransport = 442
  package static let peerAddressFamilyMismatch = 443
  package static let allocationQuotaReached = 486
  package static let roleConflict = 487
  package static let serverError = 500
  package static let insufficientCapacity = 508
}
