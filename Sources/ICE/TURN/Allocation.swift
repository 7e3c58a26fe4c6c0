import NIOCore

/// What the server gave us (RFC 8656 section 3.2).
struct Allocation: Sendable {
  let relayed: SocketAddress
  let mapped: SocketAddress
  /// nil while a Refresh is under way.
  var refreshAt: NIODeadline?

  /// "the allocation … lifetime … default value 600 s"; taken where the server does not say.
  static let defaultLifetime: UInt32 = 600
  /// "a maximum … RECOMMENDED value is 3600 seconds": no server is taken at its word for longer.
  static let maximumLifetime: UInt32 = 3600
  /// "a client SHOULD refresh … about 1 minute before": a whole transaction (39.5 s) can fail within it.
  static let refreshMargin: Int64 = 60

  static func lifetime(of message: STUNMessage) -> TimeAmount {
    .seconds(Int64(min(message.lifetime ?? defaultLifetime, maximumLifetime)))
  }

  /// An allocation that cannot be kept alive by this is not worth more packets.
  static let minimumRefreshInterval = TimeAmount.seconds(5)

  /// A minute before the end; of a lifetime below two minutes, at half of it.
  static func refreshTime(lifetime: TimeAmount, now: NIODeadline) -> NIODeadline {
    let margin = max(lifetime - .seconds(refreshMargin), .nanoseconds(lifetime.nanoseconds / 2))
    return now + max(margin, minimumRefreshInterval)
  }
}
