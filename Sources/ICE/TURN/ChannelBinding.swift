import NIOCore

/// A channel bound to a peer (RFC 8656 section 12).
///
/// A ChannelBind installs and refreshes the permission too, and some servers stop a channel with its permission after
/// 300 s: a channel is renewed as often as a permission, and then no CreatePermission is needed for its peer.
struct ChannelBinding: Sendable {
  /// "Channel numbers … 0x4000 through 0x4FFF".
  static let numbers: ClosedRange<UInt16> = 0x4000...0x4FFF
  /// A path that changes more often than every quarter of a minute, for as long as a number cannot be used again, is
  /// worth no further channel: each costs the server a binding, and a peer makes the path change by nominating.
  static let maximumCount = 64
  static let headerLength = 4

  /// What a stream carries after ChannelData of that length, header included, so that the next message begins at a
  /// multiple of four (RFC 8656 section 12.5).
  static func padding(length: Int) -> Int { (4 - length % 4) % 4 }

  /// How long after a ChannelBind its number may be bound to another peer: when that request and its successor with a
  /// new nonce have had their time, "a channel binding lasts for 10 minutes", and "the client MUST wait 5 minutes after the
  /// channel binding expires before attempting to bind the channel number to a different transport address or the transport
  /// address to a different channel number".
  static let reuseDelay = RetransmissionTimer.reliableTimeout * 2 + .minutes(10) + .minutes(5)

  let peer: SocketAddress
  let number: UInt16
  /// Of its permission, which ends before the channel (600 s); nil: not bound.
  var expiresAt: NIODeadline?
  /// nil while a request is under way, or after it failed.
  var renewAt: NIODeadline?
  /// Whether it is to be had and kept.
  var isRequested = false
  /// Whether what comes over it is the peer's: the server has not refused it. One that is kept no longer brings the peer's
  /// data until it expires.
  var isBelieved = true
  /// When its number may be bound to another peer.
  var reusableAt: NIODeadline
}
