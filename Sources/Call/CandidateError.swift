import ICE

/// Trouble with a STUN or TURN server, as an RTCPeerConnectionIceErrorEvent of W3C WebRTC tells it.
package struct CandidateError: Sendable {
  /// Of the server.
  package let url: String
  package let error: ICEServerError

  package init(url: String, error: ICEServerError) {
    self.url = url
    self.error = error
  }
}
