import NIOCore

/// The key frames that the peer requests (PLI, RFC 4585 section 6.3.1; FIR, RFC 5104 section 4.3.1), as requests to the
/// encoder.
struct KeyFrameRequests: Sendable {
  private var limiter = KeyFrameRequestLimiter()
  private var lastCommand: (senderSSRC: UInt32, sequenceNumber: UInt8)?
  /// At most one request is pending, so that nothing can grow.
  private var isPending = false
  /// The peer's, without repetitions of commands.
  private(set) var received = 0

  mutating func request(now: NIODeadline) {
    if limiter.request(now: now) { isPending = true }
  }

  /// The peer has lost a picture.
  mutating func indication(now: NIODeadline) {
    received += 1
    request(now: now)
  }

  /// Requires a key frame for a new command ("Upon reception of a FIR … a media sender MUST"), but not for a
  /// repetition: "the sequence number value SHALL be increased by 1 … for each new command" (RFC 5104 section 4.3.1.2).
  mutating func command(sequenceNumber: UInt8, from senderSSRC: UInt32, now: NIODeadline) {
    let command = (senderSSRC, sequenceNumber)
    if let lastCommand, lastCommand == command { return }
    lastCommand = command
    received += 1
    request(now: now)
  }

  mutating func keyFrameSent() { limiter.keyFrameSent() }

  mutating func handleTimeout(now: NIODeadline) {
    if limiter.handleTimeout(now: now) { isPending = true }
  }

  var deadline: NIODeadline? { limiter.deadline }

  /// Returns once for each request that the encoder is to be asked.
  mutating func poll() -> Bool {
    defer { isPending = false }
    return isPending
  }
}
