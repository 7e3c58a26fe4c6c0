/// What can be wrong with an RTP or RTCP packet from outside: the packet is dropped and counted, nothing else happens.
package enum RTPError: Error, Equatable, Sendable {
  /// A length field reaches beyond the end, or the end comes before a field that must be there.
  case truncated
  /// RFC 3550 section 5.1: "The version defined by this specification is two (2)".
  case unsupportedVersion
  /// The padding count is zero, longer than what it pads, or not on the last packet of a compound.
  case invalidPadding
  /// More packets in one compound than any honest one has.
  case tooManyPackets
}
