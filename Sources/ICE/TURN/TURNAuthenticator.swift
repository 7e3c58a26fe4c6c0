/// The long-term credential mechanism with one server (RFC 8489 section 9.2): what signs requests, and which responses
/// are to be believed.
struct TURNAuthenticator: Sendable {
  /// Errors that servers send without MESSAGE-INTEGRITY although the request had one (RFC 8489 section 9.2.5 allows it
  /// for 401 and 438; coturn does it for the others too).
  private static let unsignedErrors: Set<Int> = [
    STUNErrorCode.badRequest, STUNErrorCode.unauthorized, STUNErrorCode.allocationMismatch, STUNErrorCode.staleNonce,
    STUNErrorCode.wrongCredentials,
  ]

  private let credentials: TURNCredentials
  /// Accept unsigned responses.
  private let relaxed: Bool
  /// nil before the server's challenge.
  private(set) var authentication: TURNAuthentication?

  init(credentials: TURNCredentials, relaxed: Bool) {
    self.credentials = credentials
    self.relaxed = relaxed
  }

  var areCredentialsUsable: Bool { credentials.areUsable }

  mutating func forgetChallenge() {
    authentication = nil
  }

  /// Takes a 401 for the challenge that it is; false: it is none.
  mutating func answer(challenge: STUNMessage) -> Bool {
    authentication = TURNAuthentication(credentials, challenge: challenge)
    return authentication != nil
  }

  /// Takes the nonce of a 438; false: there is none.
  mutating func renewNonce(from response: STUNMessage) -> Bool {
    guard let nonce = response.nonce else { return false }
    authentication?.nonce = nonce
    return true
  }

  /// nil: to be believed. An error that had to be signed and is not tells more than that it is not signed; but whoever
  /// redirects us without a signature may be anybody.
  func refusal(of response: STUNMessage, to transaction: TURNTransaction) -> TURNError? {
    guard transaction.isAuthenticated, let key = authentication?.key else {
      // Nobody can sign before the challenge; a success then means that this server knows no users.
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
