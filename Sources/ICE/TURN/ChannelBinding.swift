import NIOCore

/// A channel bound to a peer (RFC 8656 section 12).
///
/// A ChannelBind also installs and refreshes the permission, and some servers end a channel with its permission after
/// 300 s. A channel is therefore renewed as often as a permission, and its peer needs no CreatePermission.
struct ChannelBinding: Sendable {
  /// The channel numbers: "0x4000 through 0x4FFF" (RFC 8656 section 12).
  static let numbers: ClosedRange<UInt16> = 0x4000...0x4FFF
  /// The most channels of an allocation. A path that changes more often than every quarter of a minute for as long as a
  /// number is not reusable gets no further channel: each costs the server a binding, and the peer changes the path by
  /// nominating.
  static let maximumCount = 64
  static let headerLength = 4

  /// The padding after ChannelData on a stream for a payload of `length` bytes, so that the next message begins at a
  /// multiple of four (RFC 8656 section 12.5).
  static func padding(length: Int) -> Int { (4 - length % 4) % 4 }

  /// The time after a ChannelBind until its number may be bound to another peer: the request and its repetition with a
  /// new nonce have ended, "a channel binding lasts for 10 minutes", and "the client MUST wait 5 minutes after the
  /// channel binding expires before attempting to bind the channel number to a different transport address or the
  /// transport address to a different channel number".
  static let reuseDelay = RetransmissionTimer.reliableTimeout * 2 + .minutes(10) + .minutes(5)

  let peer: SocketAddress
  let number: UInt16
  /// When its permission expires, which is before the channel does (600 s); nil while the channel is not bound.
  var expiresAt: NIODeadline?
  /// When to renew it; nil while a request is in progress, or after one failed.
  var renewAt: NIODeadline?
  /// Whether the channel is wanted.
  var isRequested = false
  /// Whether data on the channel is accepted as the peer's: the server has not refused the binding. A channel that is
  /// no longer renewed still delivers data until it expires.
  var isBelieved = true
  /// When the number may be bound to another peer.
  var reusableAt: NIODeadline
}
