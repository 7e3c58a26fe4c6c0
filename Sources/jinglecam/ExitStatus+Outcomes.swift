import Diagnosis
import Streamer

/// What the end of a command means for a program.
extension ExitStatus {
  init(_ call: FinishedCall) {
    if let failure = call.failure {
      self.init(failure)
      return
    }
    let result = call.result
    let wasSeen = result.streamingTime != nil
    self =
      switch result.outcome {
      case .declined, .busy, .timeout, .yielded: .temporaryFailure
      case .unreachable, .noJingle: .unavailable
      case .cancelled: .interrupted
      case .hungUp where result.isInterrupted && !wasSeen: .interrupted
      case .hungUp: .success
      case .endedByPeer where call.fault == nil: wasSeen ? .success : .temporaryFailure
      case .endedByPeer, .failed: call.isPathMissing ? .unavailable : .protocolError
      }
  }

  init(_ result: CheckResult) {
    self =
      switch result {
      case .verdict(let verdict): ExitStatus(verdict.outcome)
      case .failed(let error): ExitStatus(error)
      case .cancelled: .interrupted
      }
  }

  init(_ outcome: CheckVerdict.Outcome) {
    self =
      switch outcome {
      case .direct: .success
      case .relayOnly: .relayOnly
      case .noPath: .noPath
      case .relayCredentialsRefused: .relayCredentialsRefused
      }
  }
}
