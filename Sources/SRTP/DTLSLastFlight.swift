import NIOCore

/// The last flight of a handshake, which no DTLS message acknowledges (RFC 6347 section 4.2.4).
///
/// The standard repeats it only when the peer repeats its own flight. A peer that receives our media before our
/// Finished message may never do that: GnuTLS, as Dino uses it, keeps reading and its timer never fires, so that one
/// lost datagram left the call without a picture. The flight is therefore repeated by time until the peer shows that it
/// has the keys. A peer that received it before drops the repetition as a replay.
struct DTLSLastFlight {
  /// Clients wait no longer than this for a handshake (Dino: 20 s).
  private static let patience = TimeAmount.seconds(20)

  private let datagrams: [ByteBuffer]
  private let retransmission: DTLSRetransmission
  private let end: NIODeadline
  private var repetition = 0
  private var next: NIODeadline

  init(_ datagrams: [ByteBuffer], retransmission: DTLSRetransmission, now: NIODeadline) {
    self.datagrams = datagrams
    self.retransmission = retransmission
    end = now + Self.patience
    next = now + retransmission.wait(after: repetition)
  }

  /// When the flight is repeated next; nil once that is given up.
  var deadline: NIODeadline? { next <= end ? next : nil }

  mutating func handleTimeout(now: NIODeadline, send: (ByteBuffer) -> Void) {
    guard let deadline, deadline <= now else { return }
    datagrams.forEach(send)
    repetition += 1
    next = now + retransmission.wait(after: repetition)
  }
}
