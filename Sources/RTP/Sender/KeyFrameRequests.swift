import NIOCore

/// The key frames that a peer asks for (PLI, RFC 4585 section 6.3.1; FIR, RFC 5104 section 4.3.1), and the one that the
/// encoder is to be asked for.
struct KeyFrameRequests: Sendable {
  private var limiter = KeyFrameRequestLimiter()
  private var lastCommand: (senderSSRC: UInt32, sequenceNumber: UInt8)?
  /// Kept at most once, so that nothing here can grow.
  private var isPending = false

  mutating func request(now: NIODeadline) {
    if limiter.request(now: now) { isPending = true }
  }

  /// "Upon reception of a FIR … a media sender MUST" send a key frame, but not for a repetition: "the sequence number
  /// value SHALL be increased by 1 … for each new command" (RFC 5104 section 4.3.1.2).
  mutating func command(sequenceNumber: UInt8, from senderSSRC: UInt32, now: NIODeadline) {
    let command = (senderSSRC, sequenceNumber)
    if let lastCommand, lastCommand == command { return }
    lastCommand = command
    request(now: now)
  }

  mutating func keyFrameSent() { limiter.keyFrameSent() }

  mutating func handleTimeout(now: NIODeadline) {
    if limiter.handleTimeout(now: now) { isPending = true }
  }

  var deadline: NIODeadline? { limiter.deadline }

  /// Whether the encoder is to be asked; true once for each time.
  mutating func poll() -> Bool {
    defer { isPending = false }
    return isPending
  }
}
