/// Why an authentication exchange cannot go on, as seen from the client's side.
package enum SASLError: Error, Hashable, Sendable {
  /// No mechanism of ours is offered, or PLAIN beside a SCRAM that we do not know.
  case noCommonMechanism
  /// Nothing but PLAIN is offered to an account that has logged in by SCRAM before.
  case scramWithdrawn
  /// A message that is no base64 or lacks what RFC 5802 section 7 demands.
  case malformedMessage
  /// RFC 5802 section 5.1: the `m` attribute, a mandatory extension that we do not know.
  case unsupportedExtension
  /// The server's nonce does not continue ours: a replay.
  case wrongNonce
  /// An iteration count outside `SCRAMClient.iterations`: too weak, or meant to keep us busy.
  case iterationCount(Int)
  /// The server does not know our password: an impostor.
  case wrongServerSignature
  /// The server reported success before it proved that it knows our password.
  case serverNotAuthenticated
  /// RFC 5802 section 7, `server-error-value`.
  case serverError(String)
  /// A user name or password that SASLprep (RFC 4013) prohibits.
  case prohibitedCredentials
  case keyDerivationFailed
}

extension SASLError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .noCommonMechanism: "no mechanism in common"
    case .scramWithdrawn: "SCRAM is no longer offered"
    case .malformedMessage: "a malformed message"
    case .unsupportedExtension: "a mandatory extension that is unknown"
    case .wrongNonce: "a nonce that is not ours"
    case .iterationCount(let count): "\(count) iterations"
    case .wrongServerSignature: "a wrong signature"
    case .serverNotAuthenticated: "no signature"
    case .serverError(let value): value
    case .prohibitedCredentials: "prohibited characters"
    case .keyDerivationFailed: "no keys can be derived"
    }
  }
}
