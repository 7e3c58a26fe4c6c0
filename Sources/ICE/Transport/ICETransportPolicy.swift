/// W3C's `RTCIceTransportPolicy`.
package enum ICETransportPolicy: String, CaseIterable, Sendable {
  case all
  /// Only relayed candidates of ours are gathered, announced and used: the peer never learns our addresses.
  case relay
}
