/// The transport protocol between a client and its TURN server, W3C's `RTCIceServerTransportProtocol`.
package enum RelayProtocol: String, CaseIterable, Hashable, Sendable {
  case udp
  case tcp
  case tls

  /// Whether the messages form a byte stream, which is reliable and has to be opened first.
  package var isStream: Bool { self != .udp }
}
