import NIOCore

/// ICE restarts (RFC 8445 section 9). Each generation has an agent of its own, so that the previous one can carry the
/// data until the new one has a valid pair.
extension ICEAgent {
  /// Makes the agent of the next generation, with new credentials and nothing known of the peer: "An ICE restart causes
  /// all previous states of the data streams, excluding the roles of the agents, to be flushed".
  func next(generation: UInt32, using generator: any RandomNumberGenerator & Sendable, now: NIODeadline) -> ICEAgent {
    var next = ICEAgent(role: role, generation: generation, generator: generator)
    next.setState(.checking)
    next.checklist.startPatience(now: now)
    next.checklist.keepPace(of: checklist)
    return next
  }

  /// Reduces this agent to its selected pair, which carries the data until the next generation has one; the peer has
  /// left this generation.
  mutating func retire() {
    candidates.keep(selectedPath)
    let selected = selection.pair
    removePairs { $0.id != selected }
    nomination.end()
    selection.settle()
  }

  /// Whether a message belongs to this generation: a request contains our username fragment, a response belongs to one
  /// of our checks.
  func owns(_ message: STUNMessage) -> Bool {
    switch message.messageClass {
    case .request: message.username?.hasPrefix("\(localParameters.usernameFragment):") == true
    case .success, .error: checks.contains { $0.id == message.transactionID }
    case .indication: false
    }
  }

  /// Whether a pair is usable at present.
  var isConnected: Bool { state == .connected || state == .completed }

  var hasNominatedPath: Bool {
    selection.pair.flatMap(checklist.index).map { checklist[$0].isNominated } ?? false
  }
}
