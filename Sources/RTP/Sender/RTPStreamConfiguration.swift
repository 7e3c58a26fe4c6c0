import NIOCore

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

  /// The identifiers of the header extensions that every packet has, 1...14; nil for one that the peer does not accept.
  package struct HeaderExtensions: Hashable, Sendable {
    /// The transport-wide sequence number (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 2), by which
    /// ``TransportWideFeedback`` names the packet.
    package var transportWideSequenceNumber: UInt8?
    /// The time at which the packet is sent, which libwebrtc needs for a REMB that looks at delay
    /// (http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time).
    package var absoluteSendTime: UInt8?
    /// The least time between capture and display (http://www.webrtc.org/experiments/rtp-hdrext/playout-delay).
    package var playoutDelay: UInt8?

    package init(
      transportWideSequenceNumber: UInt8? = nil, absoluteSendTime: UInt8? = nil, playoutDelay: UInt8? = nil
    ) {
      self.transportWideSequenceNumber = transportWideSequenceNumber
      self.absoluteSendTime = absoluteSendTime
      self.playoutDelay = playoutDelay
    }

    func elements(
      transportWideSequenceNumber number: UInt16, playoutDelay delay: PlayoutDelay, sentAt time: NIODeadline
    ) -> RTPHeaderExtensions {
      var elements = RTPHeaderExtensions()
      if let id = transportWideSequenceNumber { elements.append(id: id, value: UInt64(number), length: 2) }
      if let id = absoluteSendTime { elements.append(id: id, value: time.absoluteSendTime, length: 3) }
      if let id = playoutDelay { elements.append(id: id, value: delay.encoded, length: 3) }
      return elements
    }
  }

  package var ssrc: UInt32
  package var payloadType: UInt8
  /// The CNAME (RFC 3550 section 6.5.1, RFC 7022), at most 255 bytes.
  package var canonicalName: String
  package var rtx: RTX?
  /// Whether packets are kept to be sent again.
  package var answersNACKs = true
  package var headerExtensions = HeaderExtensions()
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
