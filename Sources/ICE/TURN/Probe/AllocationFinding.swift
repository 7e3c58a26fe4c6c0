import NIOCore

/// The result of requesting an allocation from one TURN server over one transport.
package struct AllocationFinding: Hashable, Sendable {
  /// The last stage reached, in which the error occurred if there is one.
  package enum Stage: String, Hashable, Sendable {
    case connect
    /// The time until the server's 401 with realm and nonce.
    case challenge
    case allocate
  }

  package var stage = Stage.connect
  /// The time to connect by TCP, including the TLS handshake if there is one; nil over UDP.
  package var connectTime: TimeAmount?
  package var challengeTime: TimeAmount?
  package var allocateTime: TimeAmount?
  package var relayed: SocketAddress?
  package var mapped: SocketAddress?
  package var lifetime: TimeAmount?
  package var error: TURNError?
  package var duration = TimeAmount.zero

  package init(error: TURNError? = nil) {
    self.error = error
  }
}
