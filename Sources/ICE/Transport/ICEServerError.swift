/// Why a server gave no candidate, or took it back; W3C's `RTCPeerConnectionIceErrorEvent` tells the like.
package enum ICEServerError: Error, Hashable, Sendable {
  case stun(STUNBindingError)
  case turn(TURNError)

  /// Of STUN, where there was a response.
  package var code: Int? {
    switch self {
    case .stun(let error): error.code
    case .turn(let error): error.code
    }
  }

  /// The cause in a few words, for people.
  package var text: String {
    switch self {
    case .stun(let error): error.text
    case .turn(let error): error.text
    }
  }
}
