/// A medium of the peer's offer or answer, in the order of the offer.
package struct RemoteMedia: Sendable {
  package var kind: MediaKind
  package var transport: RemoteTransport
  /// The format in which we send; nil if there is no common one, or for a medium without a source here.
  package var format: NegotiatedFormat?

  package init(kind: MediaKind, transport: RemoteTransport, format: NegotiatedFormat?) {
    self.kind = kind
    self.transport = transport
    self.format = format
  }
}

/// The payload types of the agreed format, as the peer numbers them (RFC 3264 section 7); our answers repeat those of
/// the offer.
package struct NegotiatedFormat: Hashable, Sendable {
  package var payloadType: UInt8
  /// The RTX payload type (RFC 4588), if the peer accepts it.
  package var rtxPayloadType: UInt8?

  package init(payloadType: UInt8, rtxPayloadType: UInt8?) {
    self.payloadType = payloadType
    self.rtxPayloadType = rtxPayloadType
  }
}
