import NIOCore

/// Holds the key frames that a peer asks for (PLI, RFC 4585 section 6.3.1; FIR, RFC 5104 section 4.3.1) to one an
/// interval. A request within the interval waits for its end, unless a key frame is sent meanwhile, which answers it.
struct KeyFrameRequestLimiter: Sendable {
  /// A key frame costs ten times another frame: a peer that asks at every loss would spend the whole bitrate on them.
  static let minimumInterval = TimeAmount.milliseconds(300)

  private var earliestNext: NIODeadline?
  private var isWaiting = false

  /// Whether the encoder is to be asked now.
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

  /// Whether a request that waited is due.
  mutating func handleTimeout(now: NIODeadline) -> Bool {
    isWaiting && request(now: now)
  }

  var deadline: NIODeadline? {
    isWaiting ? earliestNext : nil
  }
}
