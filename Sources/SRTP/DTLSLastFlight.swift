import NIOCore

/// The last flight of a handshake, which nothing in DTLS answers (RFC 6347 section 4.2.4).
///
/// The standard has it sent again when the peer repeats its own flight. A peer that gets our media before it has our
/// Finished may never come to that: GnuTLS, as Dino uses it, goes on reading and its timer does not run out, so one lost
/// datagram left the call dark. It is therefore repeated by the clock until the peer shows that it has the keys; who has
/// it already drops it as a replay.
struct DTLSLastFlight {
  /// As long as clients wait for a handshake (Dino: 20 s).
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

  /// Nil when it is given up.
  var deadline: NIODeadline? { next <= end ? next : nil }

  mutating func handleTimeout(now: NIODeadline, send: (ByteBuffer) -> Void) {
    guard let deadline, deadline <= now else { return }
    datagrams.forEach(send)
    repetition += 1
    next = now + retransmission.wait(after: repetition)
  }
}
