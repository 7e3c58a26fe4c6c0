import NIOCore

/// What a STUN server answered to several Binding requests from one socket.
package struct STUNProbeFinding: Hashable, Sendable {
  package let server: SocketAddress
  /// The address of our socket.
  package let local: SocketAddress
  /// As the server saw it.
  package internal(set) var mapped: SocketAddress?
  /// OTHER-ADDRESS, of a server that knows RFC 5780.
  package internal(set) var other: SocketAddress?
  package internal(set) var requestsSent = 0
  package internal(set) var responsesReceived = 0
  package internal(set) var roundTripTimes = RoundTripTimes()
  /// Since the first request, until no answer was waited for any longer.
  package internal(set) var duration = TimeAmount.zero
  /// Why there is no mapped address.
  package internal(set) var error: STUNBindingError?

  package init(server: SocketAddress, local: SocketAddress) {
    self.server = server
    self.local = local
  }
}
