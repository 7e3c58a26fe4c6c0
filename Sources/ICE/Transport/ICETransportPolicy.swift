/// The candidates that may be used, W3C's `RTCIceTransportPolicy`.
package enum ICETransportPolicy: String, CaseIterable, Sendable {
  case all
  /// Only relayed candidates of ours are gathered, announced and used, so that the peer does not learn our addresses.
  case relay
}
