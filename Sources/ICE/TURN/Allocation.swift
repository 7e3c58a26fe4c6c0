import NIOCore

/// An allocation on a TURN server (RFC 8656 section 3.2).
struct Allocation: Sendable {
  let relayed: SocketAddress
  let mapped: SocketAddress
  /// When to refresh it; nil while a Refresh is in progress.
  var refreshAt: NIODeadline?

  /// The lifetime in seconds that is assumed if the server does not state one: "default value 600 s".
  static let defaultLifetime: UInt32 = 600
  /// The longest lifetime that a server is trusted with, in seconds: "a maximum … RECOMMENDED value is 3600 seconds".
  static let maximumLifetime: UInt32 = 3600
  /// The time in seconds by which a Refresh precedes the expiry: "a client SHOULD refresh … about 1 minute before". A
  /// whole transaction (39.5 s) can fail within it.
  static let refreshMargin: Int64 = 60

  static func lifetime(of message: STUNMessage) -> TimeAmount {
    .seconds(Int64(min(message.lifetime ?? defaultLifetime, maximumLifetime)))
  }

  /// The shortest time between two Refresh requests. An allocation that needs them more often is not worth the packets.
  static let minimumRefreshInterval = TimeAmount.seconds(5)

  /// When to refresh: a minute before the expiry, or after half of a lifetime below two minutes.
  static func refreshTime(lifetime: TimeAmount, now: NIODeadline) -> NIODeadline {
    let margin = max(lifetime - .seconds(refreshMargin), .nanoseconds(lifetime.nanoseconds / 2))
    return now + max(margin, minimumRefreshInterval)
  }
}
