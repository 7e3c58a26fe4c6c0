import Call
import Jingle

/// A call that is over, and what on our side ended it, where something did.
package struct FinishedCall: Sendable {
  package let result: CallResult
  package var failure: StreamError?

  package init(result: CallResult, failure: StreamError? = nil) {
    self.result = result
    self.failure = failure
  }

  /// The path was lost for good and no fault of ours ended it: a new call may find another.
  var wantsNewCall: Bool { result.wantsNewCall && failure == nil }

  /// The fault that ended it, whichever side named it.
  package var fault: Reason? {
    switch result.outcome {
    case .endedByPeer(let reason) where reason.condition.isFailure: reason
    case .failed(let reason): reason
    default: nil
    }
  }

  /// Whether it ended because no path led to the peer, or none any more.
  package var isPathMissing: Bool {
    switch fault?.condition {
    case .connectivityError?, .failedTransport?, .gone?, .expired?, .timeout?: failure == nil
    default: false
    }
  }
}
