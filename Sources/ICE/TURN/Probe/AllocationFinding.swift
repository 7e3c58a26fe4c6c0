import NIOCore

/// What came of asking one TURN server for an allocation, over one transport.
package struct AllocationFinding: Hashable, Sendable {
  /// How far it got, and where it ended if there is an error.
  package enum Stage: String, Hashable, Sendable {
    case connect
    /// Until the server's 401 with realm and nonce.
    case challenge
    case allocate
  }

  package var stage = Stage.connect
  /// Of TCP, with the TLS handshake where there is one; nil over UDP.
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
