/// What was negotiated for a stream, and what the transport wants.
package struct RTPStreamConfiguration: Sendable {
  /// RFC 4588 session with SSRC multiplexing; the peer must know the pair as an FID group.
  package struct RTX: Hashable, Sendable {
    package var ssrc: UInt32
    package var payloadType: UInt8

    package init(ssrc: UInt32, payloadType: UInt8) {
      self.ssrc = ssrc
      self.payloadType = payloadType
    }
  }

  package var ssrc: UInt32
  package var payloadType: UInt8
  /// The CNAME (RFC 3550 section 6.5.1, RFC 7022), at most 255 bytes.
  package var canonicalName: String
  package var rtx: RTX?
  /// The largest size of an RTP packet in bytes, retransmissions included, before protection.
  package var maximumPacketSize = 1200
  /// Bytes free before every packet, for the header of a TURN channel.
  package var headroom = 0
  /// Bytes free behind every packet, for what SRTP or SRTCP appends.
  package var tailroom = 0

  package init(ssrc: UInt32, payloadType: UInt8, canonicalName: String) {
    self.ssrc = ssrc
    self.payloadType = payloadType
    self.canonicalName = canonicalName
  }
}
