/// How a client speaks with its TURN server; W3C's `RTCIceServerTransportProtocol`.
package enum RelayProtocol: String, CaseIterable, Hashable, Sendable {
  case udp
  case tcp
  case tls

  /// Whether messages follow each other in a stream of bytes, which loses none and is opened first.
  package var isStream: Bool { self != .udp }
}
