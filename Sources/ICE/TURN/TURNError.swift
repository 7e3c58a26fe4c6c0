import NIOCore

/// Why there is no allocation, no longer one, or no way to one peer (RFC 8656 section 19 and RFC 8489 section 14.8).
package enum TURNError: Error, Hashable, Sendable {
  /// 401 to a request with credentials, or 441: they are wrong, or expired.
  case unauthorized(STUNErrorCode)
  /// 403: the server's policy forbids this.
  case forbidden
  /// 437: the server knows no such allocation, or another one on these addresses.
  case allocationMismatch
  /// 486: this user has too many allocations; another server may still help.
  case quotaReached
  /// 508: the server cannot take more; another server may still help.
  case insufficientCapacity
  /// Any other error response.
  case rejected(STUNErrorCode)
  /// 300: another server is to be asked (RFC 8489 section 10), whose certificate is for that domain where one is told.
  case redirected(to: SocketAddress?, domain: String?)
  /// The connection to the server is gone, or never came to be; the driver's words.
  case disconnected(String)
  /// No response to any transmission of a request.
  case timeout
  /// The server does not sign its responses, and `relaxed` was not asked for.
  case unsignedResponse
  /// Responses came, but signed by another key.
  case integrityMismatch
  /// A success without what it must carry, or a challenge without realm or nonce.
  case malformedResponse
  /// The relayed address is none that a peer could send to: its server was not told the right one.
  case unusableRelayedAddress
  /// 443, or known beforehand: the relayed address is of another family than the peer's.
  case peerAddressFamilyMismatch
  /// A username that is longer than STUN can carry.
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

  /// The STUN error code behind it, as W3C's `RTCPeerConnectionIceErrorEvent.errorCode` shows it.
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

  /// The cause in a few words, for people.
  package var text: String {
    switch self {
    case .unauthorized(let error) where error.code == STUNErrorCode.wrongCredentials: "wrong credentials"
    case .unauthorized: "the credentials are wrong or have expired"
    case .forbidden: "forbidden by the server"
    case .allocationMismatch: "the server does not know the allocation"
    case .quotaReached: "allocation quota reached"
    case .insufficientCapacity: "the server has no capacity left"
    case .rejected(let error): error.reason.isEmpty ? "rejected by the server" : error.reason
    case .redirected: "redirected to a server that cannot be used"
    case .disconnected(let reason): reason
    case .timeout: "no response"
    case .unsignedResponse: "the server does not sign its responses"
    case .integrityMismatch: "the server's responses are signed by another key"
    case .malformedResponse: "malformed response"
    case .unusableRelayedAddress: "nobody can send to the relayed address that the server gave"
    case .peerAddressFamilyMismatch: "the relayed address and the peer's are of different families"
    case .unusableCredentials: "the username is too long"
    }
  }
}
