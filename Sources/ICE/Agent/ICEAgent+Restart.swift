import NIOCore

/// ICE restarts (RFC 8445 section 9): each generation is an agent of its own, so that the one before can carry the data
/// until the next has a pair.
extension ICEAgent {
  /// "An ICE restart causes all previous states of the data streams, excluding the roles of the agents, to be flushed":
  /// new credentials, and nothing of the peer's yet.
  func next(generation: UInt32, using generator: any RandomNumberGenerator & Sendable, now: NIODeadline) -> ICEAgent {
    var next = ICEAgent(role: role, generation: generation, generator: generator)
    next.setState(.checking)
    next.checklist.startPatience(now: now)
    next.checklist.keepPace(of: checklist)
    return next
  }

  /// The peer is in the next generation: here the pair that carries the data is kept, and no other looked for.
  mutating func retire() {
    candidates.keep(selectedPath)
    let selected = selection.pair
    removePairs { $0.id != selected }
    nomination.end()
    selection.settle()
  }

  /// Whether a message belongs to this generation: a request names our fragment, a response one of our checks.
  func owns(_ message: STUNMessage) -> Bool {
    switch message.messageClass {
    case .request: message.username?.hasPrefix("\(localParameters.usernameFragment):") == true
    case .success, .error: checks.contains { $0.id == message.transactionID }
    case .indication: false
    }
  }

  /// Whether a pair works now.
  var isConnected: Bool { state == .connected || state == .completed }

  var hasNominatedPath: Bool {
    selection.pair.flatMap(checklist.index).map { checklist[$0].isNominated } ?? false
  }
}
