/// The VP8 format both sides agreed on, in the peer's payload type numbers (RFC 3264 section 7): an answer of ours echoes
/// those of the offer.
package struct NegotiatedVideo: Hashable, Sendable {
  package var payloadType: UInt8
  /// The RTX payload type (RFC 4588), where the peer took it.
  package var rtxPayloadType: UInt8?

  package init(payloadType: UInt8, rtxPayloadType: UInt8?) {
    self.payloadType = payloadType
    self.rtxPayloadType = rtxPayloadType
  }
}
