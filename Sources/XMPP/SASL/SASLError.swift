/// Why the client ends an authentication exchange.
package enum SASLError: Error, Hashable, Sendable {
  /// The server offers no mechanism that is supported, or offers PLAIN together with an unknown variant of SCRAM.
  case noCommonMechanism
  /// The server offers only PLAIN although the account has logged in by SCRAM before.
  case scramWithdrawn
  /// A message is not base64, or lacks an attribute that RFC 5802 section 7 requires.
  case malformedMessage
  /// The server requires an extension that is not supported (the `m` attribute, RFC 5802 section 5.1).
  case unsupportedExtension
  /// The server's nonce does not begin with ours, as in a replay.
  case wrongNonce
  /// The iteration count is outside `SCRAMClient.iterations`: too low to be safe, or so high that it would only keep us
  /// busy.
  case iterationCount(Int)
  /// The server's signature is wrong, so it does not know the password: it is an impostor.
  case wrongServerSignature
  /// The server reported success without proving that it knows the password.
  case serverNotAuthenticated
  /// The server reported an error (`server-error-value`, RFC 5802 section 7).
  case serverError(String)
  /// The user name or password contains characters that SASLprep (RFC 4013) prohibits.
  case prohibitedCredentials
  case keyDerivationFailed
}

extension SASLError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .noCommonMechanism: "there is no mechanism in common"
    case .scramWithdrawn: "SCRAM is no longer offered"
    case .malformedMessage: "a message is malformed"
    case .unsupportedExtension: "an unknown extension is required"
    case .wrongNonce: "the nonce does not continue ours"
    case .iterationCount(let count): "\(count) iterations are required"
    case .wrongServerSignature: "the server's signature is wrong"
    case .serverNotAuthenticated: "the server's signature is missing"
    case .serverError(let value): value
    case .prohibitedCredentials: "the credentials contain prohibited characters"
    case .keyDerivationFailed: "the keys cannot be derived"
    }
  }
}
