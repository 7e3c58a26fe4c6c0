import Call
import Jingle
import NIOCore
import XMPP

/// What a call's outcome means: a line for a person, a word and an exit status for a program.
struct CallConclusion {
  let summary: CallSummary
  let status: ExitStatus

  init(_ call: FinishedCall, peer: JID) {
    let result = call.result
    let wasSeen = result.streamingTime != nil
    let (word, text, status) =
      call.failure.map { (.failed, $0.description, $0.status) }
      ?? Self.meaning(of: result, peer: peer, wasSeen: wasSeen)
    summary = CallSummary(
      outcome: word, text: text, setupTime: result.setupTime?.seconds, duration: result.streamingTime?.seconds ?? 0,
      statistics: result.statistics)
    self.status = status
  }

  private static func meaning(
    of result: CallResult, peer: JID, wasSeen: Bool
  ) -> (CallSummary.Outcome, String, ExitStatus) {
    switch result.outcome {
    case .declined: (.declined, "\(peer) declined the call", .temporaryFailure)
    case .busy: (.busy, "\(peer) is busy or declined the call", .temporaryFailure)
    case .timeout:
      (.noAnswer, "\(peer) did not answer in time; --ring-timeout lets it ring longer", .temporaryFailure)
    case .unreachable(let condition):
      (
        .unreachable, "\(peer) cannot be reached\(condition.map { " (\($0))" } ?? ""); is the address right?",
        .unavailable
      )
    case .noJingle:
      (.noJingle, "\(peer) has no client online that takes video calls", .unavailable)
    case .cancelled: (.cancelled, "cancelled", .interrupted)
    case .yielded:
      (.yielded, "\(peer) called at the same moment, and this program takes no calls yet", .temporaryFailure)
    case .hungUp where result.isInterrupted && !wasSeen: (.cancelled, "cancelled", .interrupted)
    case .hungUp where result.isInterrupted: (.completed, "stopped", .success)
    case .hungUp: (.completed, "the video ended", .success)
    case .endedByPeer(let reason) where reason.condition.isFailure:
      (.failed, "\(peer)'s client ended the call: \(described(reason))", status(of: reason))
    case .endedByPeer where wasSeen: (.hungUp, "\(peer) hung up", .success)
    case .endedByPeer: (.hungUp, "\(peer) hung up before there was a picture", .temporaryFailure)
    case .failed(let reason) where reason.condition == .connectivityError && reason.text == nil:
      (
        .failed,
        wasSeen
          ? "the path to \(peer) was lost"
          : "no path to \(peer) was found; "
            + (result.candidateError.map { "a server in use has a problem, \($0.line)" }
              ?? "a TURN server (--turn, or the XMPP server's) helps through firewalls"),
        .unavailable
      )
    case .failed(JingleMapping.reason(for: .noRelay)):
      (
        .failed,
        "no TURN server gave a relay, and --ice-policy relay takes no other path"
          + (result.candidateError.map { "; \($0.line)" } ?? ""), .unavailable
      )
    case .failed(let reason): (.failed, "the call failed: \(described(reason))", status(of: reason))
    }
  }

  private static func described(_ reason: Reason) -> String {
    reason.condition.rawValue + (reason.text.map { " (\($0))" } ?? "")
  }

  private static func status(of reason: Reason) -> ExitStatus {
    switch reason.condition {
    case .connectivityError, .failedTransport, .gone, .expired, .timeout: .unavailable
    default: .protocolError
    }
  }
}
