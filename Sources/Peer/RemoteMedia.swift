/// What the peer's offer or answer says of one medium, as typed values; the order of the offer is kept.
package struct RemoteMedia: Sendable {
  package var kind: MediaKind
  package var transport: RemoteTransport
  /// The format that we send in; nil where both sides know none, and for a medium that has no source here.
  package var format: NegotiatedFormat?

  package init(kind: MediaKind, transport: RemoteTransport, format: NegotiatedFormat?) {
    self.kind = kind
    self.transport = transport
    self.format = format
  }
}

/// The payload types of the format that both sides agreed on, in the peer's numbers (RFC 3264 section 7): an answer of ours
/// echoes those of the offer.
package struct NegotiatedFormat: Hashable, Sendable {
  package var payloadType: UInt8
  /// The RTX payload type (RFC 4588), where the peer took it.
  package var rtxPayloadType: UInt8?

  package init(payloadType: UInt8, rtxPayloadType: UInt8?) {
    self.payloadType = payloadType
    self.rtxPayloadType = rtxPayloadType
  }
}
