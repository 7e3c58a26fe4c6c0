import Jingle
import NIOCore
import Peer

/// How a call ends, as far as it is known.
struct CallEnding: Sendable {
  /// The session-terminate that says why is usually right behind the transport's own goodbye.
  private static let patience = TimeAmount.milliseconds(500)

  private(set) var outcome: CallOutcome?
  /// By the person at our side.
  var isInterrupted = false
  /// The last trouble with a STUN or TURN server: it may be why there is no path.
  var candidateError: CandidateError?
  private var isClosedByPeer = false
  /// When the peer's goodbye must have come.
  private(set) var deadline: NIODeadline?

  mutating func peerClosed(now: NIODeadline) {
    isClosedByPeer = true
    deadline = now + Self.patience
  }

  /// The reason to end the call for, where the time has come.
  mutating func handleTimeout(now: NIODeadline) -> Reason? {
    guard let deadline, deadline <= now else { return nil }
    self.deadline = nil
    return JingleMapping.reason(for: .closedByPeer)
  }

  mutating func end(_ outcome: CallOutcome) {
    deadline = nil
    // Whose goodbye came first, in DTLS or in Jingle, is chance: the peer hung up.
    self.outcome = isClosedByPeer && outcome == .hungUp ? .endedByPeer(Reason(.success)) : outcome
  }
}
