/// A medium of the peer's offer or answer, in the order of the offer.
package struct RemoteMedia: Sendable {
  package var kind: MediaKind
  package var transport: RemoteTransport
  /// The format in which we send; nil if there is no common one, or for a medium without a source here.
  package var format: NegotiatedFormat?
  /// The payload type of the Opus that is received; nil if what the peer sends is not wanted.
  package var receivedPayloadType: UInt8?

  package init(
    kind: MediaKind, transport: RemoteTransport, format: NegotiatedFormat?, receivedPayloadType: UInt8? = nil
  ) {
    self.kind = kind
    self.transport = transport
    self.format = format
    self.receivedPayloadType = receivedPayloadType
  }
}

/// The agreed format and what belongs to it. Payload types and header extensions are those of the peer, as it numbers
/// them (RFC 3264 section 7, RFC 8285 section 6); our answers repeat those of the offer.
package struct NegotiatedFormat: Hashable, Sendable {
  package var payloadType: UInt8
  /// The RTX payload type (RFC 4588), if the peer accepts it.
  package var rtxPayloadType: UInt8?
  /// The identifier of the transport-wide sequence number in headers; nil unless feedback on it is agreed too.
  package var transportWideSequenceNumberID: UInt8?
  /// The identifier of the time of sending in headers (abs-send-time).
  package var absoluteSendTimeID: UInt8?
  /// The identifier of the playout delay in headers.
  package var playoutDelayID: UInt8?
  /// Whether the peer may send REMB.
  package var hasReceiverEstimate: Bool

  /// Whether the peer sends transport-wide feedback.
  package var hasTransportFeedback: Bool { transportWideSequenceNumberID != nil }

  package init(
    payloadType: UInt8, rtxPayloadType: UInt8?, transportWideSequenceNumberID: UInt8? = nil,
    absoluteSendTimeID: UInt8? = nil, playoutDelayID: UInt8? = nil, hasReceiverEstimate: Bool = false
  ) {
    self.payloadType = payloadType
    self.rtxPayloadType = rtxPayloadType
    self.transportWideSequenceNumberID = transportWideSequenceNumberID
    self.absoluteSendTimeID = absoluteSendTimeID
    self.playoutDelayID = playoutDelayID
    self.hasReceiverEstimate = hasReceiverEstimate
  }
}
