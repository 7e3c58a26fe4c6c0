import NIOCore

/// The protocol of a datagram on a multiplexed transport, recognized by its first bytes (RFC 7983 section 7, RFC 5761
/// section 4).
package enum PacketKind: Hashable, Sendable {
  case stun
  case dtls
  case turnChannel
  case rtp
  case rtcp
  /// ZRTP, a protocol that is not supported, or a datagram that is too short to tell.
  case other

  package init(of datagram: ByteBuffer) {
    guard let first = datagram.getInteger(at: datagram.readerIndex, as: UInt8.self) else {
      self = .other
      return
    }
    switch first {
    case 0...3: self = .stun
    case 20...63: self = .dtls
    case 64...79: self = .turnChannel
    case 128...191:
      guard let second = datagram.getInteger(at: datagram.readerIndex + 1, as: UInt8.self) else {
        self = .other
        return
      }
      // "the range 64-95 is not used for RTP payload types" (RFC 5761 section 4): with the marker bit these would be
      // RTCP packet types.
      self = (192...223).contains(second) ? .rtcp : .rtp
    default: self = .other
    }
  }
}
