import Jingle
import NIOCore

/// How a call went.
package struct CallResult: Sendable {
  package var outcome: CallOutcome
  /// By the person at our side.
  package var isInterrupted: Bool
  /// The last trouble with a STUN or TURN server.
  package var candidateError: CandidateError?
  /// From session-accept to the first picture that was sent.
  package var setupTime: TimeAmount?
  /// Nil where it never came to a picture.
  package var streamingTime: TimeAmount?
  package var statistics: CallStatistics?

  package init(
    outcome: CallOutcome, isInterrupted: Bool = false, candidateError: CandidateError? = nil,
    setupTime: TimeAmount? = nil,
    streamingTime: TimeAmount? = nil, statistics: CallStatistics? = nil
  ) {
    self.outcome = outcome
    self.isInterrupted = isInterrupted
    self.candidateError = candidateError
    self.setupTime = setupTime
    self.streamingTime = streamingTime
    self.statistics = statistics
  }

  /// The viewer saw the picture, and the path was lost for good: a new call may find another.
  package var wantsNewCall: Bool {
    outcome == .failed(JingleMapping.reason(for: .connectivity)) && streamingTime != nil && !isInterrupted
  }
}
