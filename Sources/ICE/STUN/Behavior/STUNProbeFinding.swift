import NIOCore

/// The responses of a STUN server to several Binding requests from one socket.
package struct STUNProbeFinding: Hashable, Sendable {
  package let server: SocketAddress
  /// The address of our socket.
  package let local: SocketAddress
  /// The address of our socket as the server sees it.
  package var mapped: SocketAddress?
  /// The OTHER-ADDRESS of a server that supports RFC 5780.
  package var other: SocketAddress?
  package var requestsSent = 0
  package var responsesReceived = 0
  package var roundTripTimes = RoundTripTimes()
  /// The time from the first request until the probe stopped waiting.
  package var duration = TimeAmount.zero
  /// Why there is no mapped address.
  package var error: STUNBindingError?

  package init(server: SocketAddress, local: SocketAddress) {
    self.server = server
    self.local = local
  }
}
