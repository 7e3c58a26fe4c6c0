import NIOCore

/// The bitrate of the peer's latest REMB (draft-alvestrand-rmcat-remb-03), reported whenever it changes, and when it is no
/// longer repeated.
///
/// Receivers say no more than about one and a half times what they are sent. Such a word is no limit of the network, and
/// does not lower one that is known.
struct MaximumBitrateEstimate: Sendable {
  /// From so many times the bitrate that is sent on, a REMB follows what is sent.
  private static let applicationLimited = 1.3

  /// Receivers repeat theirs each second. Dino stops when its user turns the camera off, and its last REMB would remain
  /// in force.
  private static let validity = TimeAmount.seconds(5)

  private var latest: Int?
  private var isPending = false
  private(set) var deadline: NIODeadline?
  private var last: (time: NIODeadline, bytes: Int)?

  /// - Parameters:
  ///   - bitrate: of the REMB, in bits per second.
  ///   - bytes: what was sent since the beginning.
  mutating func update(_ bitrate: Int, sent bytes: Int, now: NIODeadline) {
    defer { last = (now, bytes) }
    deadline = now + Self.validity
    if bitrate < latest ?? .max, let last, now > last.time {
      let rate = Double(bytes - last.bytes) * 8 / (now - last.time).seconds
      guard Double(bitrate) < rate * Self.applicationLimited else { return }
    }
    guard bitrate != latest else { return }
    latest = bitrate
    isPending = true
  }

  mutating func handleTimeout(now: NIODeadline) {
    guard let deadline, deadline <= now else { return }
    isPending = latest != nil
    (self.deadline, latest, last) = (nil, nil, nil)
  }

  /// Returns each change once.
  mutating func poll() -> RTPStreamEvent? {
    defer { isPending = false }
    return isPending ? .maximumBitrate(latest) : nil
  }
}
