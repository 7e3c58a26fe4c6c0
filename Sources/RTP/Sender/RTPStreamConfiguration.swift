/// The negotiated parameters of a stream and the requirements of its transport.
package struct RTPStreamConfiguration: Sendable {
  /// A retransmission stream in the same session (SSRC multiplexing, RFC 4588 section 3.1). The peer must know the two
  /// SSRCs as an FID group (RFC 5576 section 4.2).
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
  /// The bytes left free before every packet, for the header of a TURN channel.
  package var headroom = 0
  /// The bytes left free behind every packet, for what SRTP or SRTCP appends.
  package var tailroom = 0

  package init(ssrc: UInt32, payloadType: UInt8, canonicalName: String) {
    self.ssrc = ssrc
    self.payloadType = payloadType
    self.canonicalName = canonicalName
  }
}
