/// What is wrong with an RTP or RTCP packet that was received. Such a packet is dropped and counted, with no other
/// effect.
package enum RTPError: Error, Equatable, Sendable {
  /// A length field points beyond the end of the packet, or a mandatory field is missing at its end.
  case truncated
  /// The version is not 2, the only one that RFC 3550 section 5.1 defines.
  case unsupportedVersion
  /// The padding count is zero or is larger than what it pads.
  case invalidPadding
  /// The compound has more packets than any legitimate one.
  case tooManyPackets
}
