/// The long-term credential mechanism with one server (RFC 8489 section 9.2): it signs requests, and decides which
/// responses are accepted.
struct TURNAuthenticator: Sendable {
  /// The errors that servers send without MESSAGE-INTEGRITY although the request had it. RFC 8489 section 9.2.5 allows
  /// that for 401 and 438; coturn also does it for the others.
  private static let unsignedErrors: Set<Int> = [
    STUNErrorCode.badRequest, STUNErrorCode.unauthorized, STUNErrorCode.allocationMismatch, STUNErrorCode.staleNonce,
    STUNErrorCode.wrongCredentials,
  ]

  private let credentials: TURNCredentials
  /// Whether unsigned responses are accepted.
  private let relaxed: Bool
  /// The authentication in use; nil before the server's challenge.
  private(set) var authentication: TURNAuthentication?

  init(credentials: TURNCredentials, relaxed: Bool) {
    self.credentials = credentials
    self.relaxed = relaxed
  }

  var areCredentialsUsable: Bool { credentials.areUsable }

  mutating func forgetChallenge() {
    authentication = nil
  }

  /// Takes the challenge of a 401 response; returns false if it has none.
  mutating func answer(challenge: STUNMessage) -> Bool {
    authentication = TURNAuthentication(credentials, challenge: challenge)
    return authentication != nil
  }

  /// Takes the nonce of a 438 response; returns false if it has none.
  mutating func renewNonce(from response: STUNMessage) -> Bool {
    guard let nonce = response.nonce else { return false }
    authentication?.nonce = nonce
    return true
  }

  /// Returns why a response is refused, or nil if it is accepted. An unsigned error that had to be signed is reported
  /// by its own code, which explains more; but an unsigned redirection could come from anybody.
  func refusal(of response: STUNMessage, to transaction: TURNTransaction) -> TURNError? {
    guard transaction.isAuthenticated, let key = authentication?.key else {
      // Before the challenge no response can be signed. A success response then means that the server requires no
      // authentication.
      return response.messageClass == .error || relaxed ? nil : .unsignedResponse
    }
    if response.isSigned { return response.hasValidIntegrity(key: key) ? nil : .integrityMismatch }
    if relaxed { return nil }
    guard
      response.messageClass == .error, let error = response.errorCode, error.code != STUNErrorCode.tryAlternate
    else { return .unsignedResponse }
    return Self.unsignedErrors.contains(error.code) ? nil : TURNError(error)
  }
}
