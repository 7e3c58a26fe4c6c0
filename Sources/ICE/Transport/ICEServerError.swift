/// Why a server provided no candidate or withdrew it, after W3C's `RTCPeerConnectionIceErrorEvent`.
package enum ICEServerError: Error, Hashable, Sendable {
  case stun(STUNBindingError)
  case turn(TURNError)

  /// The STUN error code; nil if there was no error response.
  package var code: Int? {
    switch self {
    case .stun(let error): error.code
    case .turn(let error): error.code
    }
  }

  /// The cause as a short text for users.
  package var text: String {
    switch self {
    case .stun(let error): error.text
    case .turn(let error): error.text
    }
  }
}
