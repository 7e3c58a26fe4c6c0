import NIOCore

/// When to try again after a stream was lost or could not be had (RFC 6120 section 3.3: a random time, and longer each
/// time).
struct ReconnectBackoff: Sendable {
  private static let first = TimeAmount.milliseconds(500)
  /// Short while an outage is young, so that a server that restarts finds us back within five seconds.
  private static let patience = TimeAmount.minutes(10)
  private static let young = TimeAmount.milliseconds(3500)
  private static let old = TimeAmount.seconds(60)
  /// A stream that ends sooner is part of the outage: a server may take us and drop us again and again.
  private static let lasting = TimeAmount.minutes(1)
  /// Two clients that displace each other do so no more often than this: some servers let an account in only once.
  private static let truce = TimeAmount.minutes(10)
  private static let memory = TimeAmount.hours(1)

  private var next = first
  private var outageBegan: NIODeadline?
  private var displacedAt: NIODeadline?

  /// The server had taken us, for so long.
  mutating func succeeded(for time: TimeAmount) {
    guard time >= Self.lasting else { return }
    next = Self.first
    outageBegan = nil
  }

  /// Another client took our place. One that wanted the same address is content with it; one that comes again wants the
  /// account for itself.
  mutating func displaced(now: NIODeadline) {
    if let displacedAt, now < displacedAt + Self.memory { next = Self.truce }
    displacedAt = now
  }

  /// How long to wait now: a quarter more or less than twice as long as the last time.
  mutating func failed(now: NIODeadline, using generator: inout some RandomNumberGenerator) -> TimeAmount {
    let began = outageBegan ?? now
    outageBegan = began
    let delay = next
    next = min(.nanoseconds(next.nanoseconds * 2), now - began < Self.patience ? Self.young : Self.old)
    return .nanoseconds(Int64(Double(delay.nanoseconds) * Double.random(in: 0.75...1.25, using: &generator)))
  }
}
