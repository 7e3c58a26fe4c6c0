import NIOCore

/// A permission for the IP address of one or more peers (RFC 8656 section 9).
struct TURNPermission: Sendable {
  /// "The Permission Lifetime MUST be 300 seconds".
  static let lifetime = TimeAmount.seconds(300)
  /// So that a whole transaction can fail (39.5 s) and still leave time.
  static let renewalMargin = TimeAmount.seconds(70)
  static let renewalInterval = lifetime - renewalMargin

  /// The peers' IP address, with port 0.
  let address: SocketAddress
  /// Those that asked for it: same IP address, their own ports.
  var peers: [SocketAddress]
  /// nil: not installed yet.
  var expiresAt: NIODeadline?
  /// nil while a request is under way.
  var renewAt: NIODeadline?
}
