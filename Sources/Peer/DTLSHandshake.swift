import ICE
import NIOCore
import SRTP

/// The DTLS association of one transport, from who begins it to its time limit (RFC 5763 section 5).
struct DTLSHandshake {
  /// From the first path on: our flight has been sent nine times by then, and Dino gives its whole set-up no longer.
  private static let limit = TimeAmount.seconds(20)

  private let certificate: Certificate
  private let retransmission: DTLSRetransmission
  private(set) var association: DTLSAssociation?
  private var endsAt: NIODeadline?
  /// From the first path on; nil before it is done.
  private(set) var time: TimeAmount?

  init(certificate: Certificate, retransmission: DTLSRetransmission) {
    self.certificate = certificate
    self.retransmission = retransmission
  }

  var deadline: NIODeadline? {
    guard let endsAt else { return association?.deadline }
    return min(endsAt, association?.deadline ?? endsAt)
  }

  /// Begins as soon as it may, once.
  mutating func start(with remote: RemoteTransport, isConnected: Bool, now: NIODeadline) throws(DTLSError) {
    // The server side waits for a ClientHello and may exist early; the client's first flight needs a path.
    guard association == nil, remote.localRole == .passive || isConnected else { return }
    let association = try DTLSAssociation(
      role: remote.localRole, certificate: certificate, remoteFingerprints: remote.fingerprints,
      retransmission: retransmission)
    self.association = association
    association.start(now: now)
  }

  /// Counts the time from the first path on.
  ///
  /// - Returns: whether the time is over.
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
