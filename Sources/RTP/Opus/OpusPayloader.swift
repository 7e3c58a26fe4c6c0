/// Puts Opus packets into RTP payloads as they are: one packet a payload, without a header (RFC 7587 section 4.2).
package struct OpusPayloader: RTPPayloader {
  /// 48,000 hertz, whatever the sampling rate is (RFC 7587 section 4.1).
  package static let clockRate: UInt32 = 48_000
  /// The marker would tell of the beginning of speech after silence in which nothing was sent (RFC 3551 section 4.1), and
  /// there is no such silence.
  package static let marksLastPacket = false

  package init(using generator: inout some RandomNumberGenerator) {}

  package mutating func fragments(ofFrameWithLength length: Int, maximumPayloadSize: Int) -> RTPFragments {
    RTPFragments(
      frameLength: length, maximumPayloadSize: max(length, maximumPayloadSize), firstHeader: .none,
      followingHeader: .none)
  }
}
