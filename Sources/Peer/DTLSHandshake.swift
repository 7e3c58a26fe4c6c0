import NIOCore
import SRTP

/// The DTLS handshake of one transport, from its start to its time limit (RFC 5763 section 5).
struct DTLSHandshake {
  /// The time limit, from the first path on. Our flight has been sent nine times by then, and Dino's limit for the
  /// whole set-up is no longer.
  private static let limit = TimeAmount.seconds(20)

  private let certificate: Certificate
  private let retransmission: DTLSRetransmission
  private(set) var association: DTLSAssociation?
  private var endsAt: NIODeadline?
  /// The duration of the handshake from the first path on; nil until it is complete.
  private(set) var time: TimeAmount?

  init(certificate: Certificate, retransmission: DTLSRetransmission) {
    self.certificate = certificate
    self.retransmission = retransmission
  }

  var deadline: NIODeadline? {
    guard let endsAt else { return association?.deadline }
    return min(endsAt, association?.deadline ?? endsAt)
  }

  /// Starts the handshake once, as soon as that is possible.
  ///
  /// - Throws: `DTLSError`.
  mutating func start(with remote: RemoteTransport, isConnected: Bool, now: NIODeadline) throws(DTLSError) {
    // The DTLS server waits for a ClientHello and may start early; the client needs a path for its first flight.
    guard association == nil, remote.localRole == .passive || isConnected else { return }
    let association = try DTLSAssociation(
      role: remote.localRole, certificate: certificate, remoteFingerprints: remote.fingerprints,
      retransmission: retransmission)
    self.association = association
    association.start(now: now)
  }

  /// Measures the time from the first path on.
  ///
  /// - Returns: whether the time limit has passed.
  mutating func limit(isConnected: Bool, now: NIODeadline) -> Bool {
    guard isConnected || endsAt != nil else { return false }
    let end = endsAt ?? now + Self.limit
    endsAt = end
    return now >= end
  }

  mutating func completed(now: NIODeadline) {
    time = endsAt.map { Self.limit - ($0 - now) } ?? .zero
  }

  mutating func stopLimit() { endsAt = nil }
}
