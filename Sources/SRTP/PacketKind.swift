import NIOCore

/// What a datagram of a multiplexed transport holds, told by its first bytes (RFC 7983 section 7, RFC 5761 section 4).
package enum PacketKind: Hashable, Sendable {
  case stun
  case dtls
  case turnChannel
  case rtp
  case rtcp
  /// ZRTP, what no protocol of ours claims, and what is too short to tell.
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
      // "the range 64-95 is not used for RTP payload types", so that with the marker bit these are RTCP packet types.
      self = (192...223).contains(second) ? .rtcp : .rtp
    default: self = .other
    }
  }
}
