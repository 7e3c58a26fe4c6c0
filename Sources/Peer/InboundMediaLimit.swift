import NIOCore

/// Limits the rate of the RTP packets that are decrypted (a token bucket): Opus makes at most 400 a second, of 2.5 ms
/// (RFC 6716 section 2.1.4).
struct InboundMediaLimit {
  /// A second's, which a path that has stalled may bring at once.
  private static let capacity: Int64 = 500
  private static let interval = TimeAmount.milliseconds(2)

  /// When the bucket will be full.
  private var fullAt = NIODeadline.distantPast

  /// - Returns: false if there were too many.
  mutating func take(now: NIODeadline) -> Bool {
    let next = max(fullAt, now) + Self.interval
    guard (next - now).nanoseconds <= Self.capacity * Self.interval.nanoseconds else { return false }
    fullAt = next
    return true
  }
}
