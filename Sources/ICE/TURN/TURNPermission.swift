import NIOCore

/// The permission for the IP address of one or more peers (RFC 8656 section 9).
struct TURNPermission: Sendable {
  /// "The Permission Lifetime MUST be 300 seconds".
  static let lifetime = TimeAmount.seconds(300)
  /// The time by which the renewal precedes the expiry: a whole transaction (39.5 s) can fail within it.
  static let renewalMargin = TimeAmount.seconds(70)
  static let renewalInterval = lifetime - renewalMargin

  /// The peers' IP address, with port 0.
  let address: SocketAddress
  /// The peers that need it: they have the same IP address and different ports.
  var peers: [SocketAddress]
  /// When it expires; nil while it is not installed.
  var expiresAt: NIODeadline?
  /// When to renew it; nil while a request is in progress.
  var renewAt: NIODeadline?
}
