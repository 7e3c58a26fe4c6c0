/// The credentials of both sides in one ICE generation (RFC 8445 sections 7.1 and 9): an ICE restart makes the next.
struct ICECredentials: Sendable {
  let generation: UInt32
  let local: ICEParameters
  let localKey: IntegrityKey
  private(set) var remote: ICEParameters?
  private(set) var remoteKey: IntegrityKey?
  /// "the concatenation of the username fragment of the peer, a colon, and our own" (RFC 8445 section 7.2.2).
  private(set) var outgoingUsername = ""

  init(generation: UInt32, local: ICEParameters) {
    self.generation = generation
    self.local = local
    localKey = IntegrityKey(password: local.password)
  }

  mutating func setRemote(_ parameters: ICEParameters) {
    remote = parameters
    remoteKey = IntegrityKey(password: parameters.password)
    outgoingUsername = "\(parameters.usernameFragment):\(local.usernameFragment)"
  }

  /// Our fragment, a colon, and the peer's where it is known: a check may overtake the signalling.
  func accepts(username: String) -> Bool {
    if let remote { return username == "\(local.usernameFragment):\(remote.usernameFragment)" }
    return username.hasPrefix("\(local.usernameFragment):")
  }
}
