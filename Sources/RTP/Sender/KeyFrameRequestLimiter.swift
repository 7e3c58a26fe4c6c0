import NIOCore

/// Limits the key frames that a peer requests (PLI, RFC 4585 section 6.3.1; FIR, RFC 5104 section 4.3.1) to one per
/// interval. A request within the interval is postponed to its end, unless a key frame is sent in the meantime, which
/// answers it.
struct KeyFrameRequestLimiter: Sendable {
  /// The shortest time between two requests to the encoder. A key frame is about ten times as large as another frame: a
  /// peer that asked at every loss would use the whole bitrate for key frames.
  static let minimumInterval = TimeAmount.milliseconds(300)

  private var earliestNext: NIODeadline?
  private var isWaiting = false

  /// Takes a request from the peer and returns whether the encoder is to be asked now.
  mutating func request(now: NIODeadline) -> Bool {
    if let earliestNext, now < earliestNext {
      isWaiting = true
      return false
    }
    isWaiting = false
    earliestNext = now + Self.minimumInterval
    return true
  }

  mutating func keyFrameSent() {
    isWaiting = false
  }

  /// Whether a postponed request is due.
  mutating func handleTimeout(now: NIODeadline) -> Bool {
    isWaiting && request(now: now)
  }

  var deadline: NIODeadline? {
    isWaiting ? earliestNext : nil
  }
}
