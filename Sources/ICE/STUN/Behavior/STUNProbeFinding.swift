import NIOCore

/// What a STUN server answered to several Binding requests from one socket.
package struct STUNProbeFinding: Hashable, Sendable {
  package let server: SocketAddress
  /// The address of our socket.
  package let local: SocketAddress
  /// As the server saw it.
  package var mapped: SocketAddress?
  /// OTHER-ADDRESS, of a server that knows RFC 5780.
  package var other: SocketAddress?
  package var requestsSent = 0
  package var responsesReceived = 0
  package var roundTripTimes = RoundTripTimes()
  /// Since the first request, until no answer was waited for any longer.
  package var duration = TimeAmount.zero
  /// Why there is no mapped address.
  package var error: STUNBindingError?

  package init(server: SocketAddress, local: SocketAddress) {
    self.server = server
    self.local = local
  }
}
