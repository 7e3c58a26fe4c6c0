/// The credentials of both sides in one ICE generation (RFC 8445 sections 7.1 and 9); an ICE restart replaces them.
struct ICECredentials: Sendable {
  let generation: UInt32
  let local: ICEParameters
  let localKey: IntegrityKey
  private(set) var remote: ICEParameters?
  private(set) var remoteKey: IntegrityKey?
  /// The username of our checks: the peer's username fragment, a colon, and our own (RFC 8445 section 7.2.2).
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

  /// Whether a request's username is our fragment, a colon, and the peer's fragment. Any fragment is accepted until the
  /// peer's is known, since a check may arrive before the signalling.
  func accepts(username: String) -> Bool {
    if let remote { return username == "\(local.usernameFragment):\(remote.usernameFragment)" }
    return username.hasPrefix("\(local.usernameFragment):")
  }
}
