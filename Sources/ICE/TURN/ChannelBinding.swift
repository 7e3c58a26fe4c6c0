import NIOCore

/// A channel bound to a peer (RFC 8656 section 12).
///
/// A ChannelBind installs and refreshes the permission too, and some servers stop a channel with its permission after
/// 300 s: a channel is renewed as often as a permission, and then no CreatePermission is needed for its peer.
struct ChannelBinding: Sendable {
  /// "Channel numbers … 0x4000 through 0x4FFF".
  static let numbers: ClosedRange<UInt16> = 0x4000...0x4FFF
  static let headerLength = 4

  /// What a stream carries after ChannelData of that length, header included, so that the next message begins at a
  /// multiple of four (RFC 8656 section 12.5).
  static func padding(length: Int) -> Int { (4 - length % 4) % 4 }

  let peer: SocketAddress
  let number: UInt16
  /// Of its permission, which ends before the channel (600 s); nil: not bound.
  var expiresAt: NIODeadline?
  /// nil while a request is under way, or after it failed.
  var renewAt: NIODeadline?
  var isRequested = false
}
