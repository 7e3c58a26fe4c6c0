import Call
import Jingle
import NIOCore
import XMPP

extension CallSummary {
  /// What the outcome of a call means: a line for a person and a word for a program.
  package init(of call: FinishedCall, peer: JID) {
    let result = call.result
    let wasSeen = result.streamingTime != nil
    let (outcome, text) =
      call.failure.map { (.failed, $0.description) } ?? Self.meaning(of: result, peer: peer, wasSeen: wasSeen)
    self.init(
      outcome: outcome, text: text, setupTime: result.setupTime?.seconds,
      duration: result.streamingTime?.seconds ?? 0, statistics: result.statistics)
  }

  private static func meaning(
    of result: CallResult, peer: JID, wasSeen: Bool
  ) -> (Outcome, String) {
    switch result.outcome {
    case .declined: (.declined, "\(peer) declined the call")
    case .busy: (.busy, "\(peer) is busy or declined the call")
    case .timeout:
      (.noAnswer, "\(peer) did not answer in time; --ring-timeout can let it ring longer")
    case .unreachable(let condition):
      (
        .unreachable,
        "\(peer) cannot be reached\(condition.map { " (\($0))" } ?? ""); is the address right, "
          + "is a client of theirs online, and are the two accounts contacts of each other?"
      )
    case .noJingle:
      (.noJingle, "\(peer) has no client online that accepts video calls")
    case .cancelled: (.cancelled, "cancelled")
    case .yielded:
      (.yielded, "\(peer) called at the same moment; let one side wait")
    case .hungUp where result.isInterrupted && !wasSeen: (.cancelled, "cancelled")
    case .hungUp where result.isInterrupted: (.completed, "stopped")
    case .hungUp: (.completed, "the video ended")
    case .endedByPeer(let reason) where reason.condition.isFailure:
      (.failed, "\(peer)'s client ended the call: \(described(reason))")
    case .endedByPeer where wasSeen: (.hungUp, "\(peer) hung up")
    case .endedByPeer: (.hungUp, "\(peer) hung up before there was a picture")
    case .failed(let reason) where reason.condition == .connectivityError && reason.text == nil:
      (
        .failed,
        wasSeen
          ? "the path to \(peer) was lost"
          : "no path to \(peer) was found; "
            + (result.candidateError.map { "a server in use has a problem, \($0.line)" }
              ?? "a TURN server (--turn, or the XMPP server's) helps through firewalls")
      )
    case .failed(JingleMapping.reason(for: .noRelay)):
      (
        .failed,
        "no TURN server gave a relay, and --ice-policy relay allows no other path"
          + (result.candidateError.map { "; \($0.line)" } ?? "")
      )
    case .failed(let reason): (.failed, "the call failed: \(described(reason))")
    }
  }

  private static func described(_ reason: Reason) -> String {
    reason.condition.rawValue + (reason.text.map { " (\($0))" } ?? "")
  }
}
