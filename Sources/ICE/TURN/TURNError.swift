import NIOCore

/// Why an allocation could not be made, was lost, or does not relay to a peer (RFC 8656 section 19, RFC 8489 section
/// 14.8).
package enum TURNError: Error, Hashable, Sendable {
  /// 401 to a request with credentials, or 441: the credentials are wrong or have expired.
  case unauthorized(STUNErrorCode)
  /// 403: the policy of the server forbids the request.
  case forbidden
  /// 437: the server does not know the allocation, or has another one for these addresses.
  case allocationMismatch
  /// 486: the user has too many allocations; another server may help.
  case quotaReached
  /// 508: the server has no capacity left; another server may help.
  case insufficientCapacity
  /// Any other error response.
  case rejected(STUNErrorCode)
  /// 300: another server is to be used (RFC 8489 section 10); its certificate has to be valid for `domain` if there is
  /// one.
  case redirected(to: SocketAddress?, domain: String?)
  /// The connection to the server could not be opened or has ended; the text is the driver's.
  case disconnected(String)
  /// No transmission of a request was answered.
  case timeout
  /// The server does not sign its responses, and `relaxed` is not set.
  case unsignedResponse
  /// The responses are signed with another key.
  case integrityMismatch
  /// A success response lacks an attribute, or a challenge lacks realm or nonce.
  case malformedResponse
  /// No peer can send to the relayed address; the server is misconfigured.
  case unusableRelayedAddress
  /// 443, or found before the request: the address families of the relayed address and the peer differ.
  case peerAddressFamilyMismatch
  /// The username is longer than STUN allows.
  case unusableCredentials

  init(_ error: STUNErrorCode) {
    switch error.code {
    case STUNErrorCode.unauthorized, STUNErrorCode.wrongCredentials: self = .unauthorized(error)
    case STUNErrorCode.forbidden: self = .forbidden
    case STUNErrorCode.allocationMismatch: self = .allocationMismatch
    case STUNErrorCode.peerAddressFamilyMismatch: self = .peerAddressFamilyMismatch
    case STUNErrorCode.allocationQuotaReached: self = .quotaReached
    case STUNErrorCode.insufficientCapacity: self = .insufficientCapacity
    default: self = .rejected(error)
    }
  }

  /// The STUN error code, as W3C's `RTCPeerConnectionIceErrorEvent.errorCode` has it; nil if there was no such
  /// response.
  package var code: Int? {
    switch self {
    case .unauthorized(let error), .rejected(let error): error.code
    case .forbidden: STUNErrorCode.forbidden
    case .allocationMismatch: STUNErrorCode.allocationMismatch
    case .quotaReached: STUNErrorCode.allocationQuotaReached
    case .insufficientCapacity: STUNErrorCode.insufficientCapacity
    case .redirected: STUNErrorCode.tryAlternate
    case .peerAddressFamilyMismatch: STUNErrorCode.peerAddressFamilyMismatch
    case .timeout, .disconnected, .unsignedResponse, .integrityMismatch, .malformedResponse, .unusableRelayedAddress,
      .unusableCredentials:
      nil
    }
  }

  /// The cause as a short text for users.
  package var text: String {
    switch self {
    case .unauthorized(let error) where error.code == STUNErrorCode.wrongCredentials: "the credentials are wrong"
    case .unauthorized: "the credentials are wrong or have expired"
    case .forbidden: "the server's policy forbids the request"
    case .allocationMismatch: "the server does not know the allocation"
    case .quotaReached: "the allocation quota of the user is reached"
    case .insufficientCapacity: "the server has no capacity left"
    case .rejected(let error): error.reason.isEmpty ? "the server rejected the request" : error.reason
    case .redirected: "redirected to a server that cannot be used"
    case .disconnected(let reason): reason
    case .timeout: "no response"
    case .unsignedResponse: "the server does not sign its responses"
    case .integrityMismatch: "the server's responses are signed with another key"
    case .malformedResponse: "the server sent a malformed response"
    case .unusableRelayedAddress: "nobody can send to the relayed address that the server returned"
    case .peerAddressFamilyMismatch: "the address families of the relay and the peer differ"
    case .unusableCredentials: "the username is too long"
    }
  }
}
