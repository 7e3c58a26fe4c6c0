import Jingle
import NIOCore

/// How a call went.
struct CallResult: Sendable {
  var outcome: CallOutcome
  /// What on our side ended it, where it did.
  var failure: CommandError?
  /// By Ctrl-C.
  var isInterrupted: Bool
  /// The last trouble with a STUN or TURN server.
  var candidateError: String?
  /// From session-accept to the first frame handed to the sockets.
  var setupTime: TimeAmount?
  /// Nil where it never came to a picture.
  var streamingTime: TimeAmount?
  var statistics: CallStatistics?

  /// The viewer saw the picture, and the path was lost for good: a new call may find another.
  var wantsNewCall: Bool {
    outcome == .failed(JingleMapping.reason(for: .connectivity)) && streamingTime != nil && failure == nil
      && !isInterrupted
  }
}
