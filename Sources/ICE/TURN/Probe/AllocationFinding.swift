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

  package internal(set) var stage = Stage.connect
  /// Of TCP, with the TLS handshake where there is one; nil over UDP.
  package internal(set) var connectTime: TimeAmount?
  package internal(set) var challengeTime: TimeAmount?
  package internal(set) var allocateTime: TimeAmount?
  package internal(set) var relayed: SocketAddress?
  package internal(set) var mapped: SocketAddress?
  package internal(set) var lifetime: TimeAmount?
  /// ALTERNATE-SERVER, which was followed.
  package internal(set) var redirectedTo: SocketAddress?
  package internal(set) var error: TURNError?
  package internal(set) var duration = TimeAmount.zero

  package init() {}
}
