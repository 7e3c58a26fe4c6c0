import Call
import ICE
import Jingle
import Peer
import Testing
import XMPP

@testable import Streamer

@Suite("What a person is told of the end of a call")
struct CallSummaryTests {
  @Test("a handshake that nobody answered is no missing path: a TURN server would not help")
  func handshake() throws {
    let peer = try JID("ann@example.net")
    for (error, names, spares) in [
      (PeerError.connectivity, "--turn", "handshake"), (.handshakeTimeout, "handshake", "--turn"),
    ] {
      let result = CallResult(outcome: .failed(JingleMapping.reason(for: error)), isInterrupted: false)
      let summary = CallSummary(of: FinishedCall(result: result), peer: peer)
      #expect(summary.text.contains(names) && !summary.text.contains(spares))
    }
  }

  @Test("where no TURN server gave a relay that --ice-policy relay wants, the server's trouble is told")
  func noRelay() throws {
    let result = CallResult(
      outcome: .failed(JingleMapping.reason(for: .noRelay)), isInterrupted: false,
      candidateError: CandidateError(url: "turn:turn.example.org", error: .turn(.quotaReached)))
    let summary = CallSummary(of: FinishedCall(result: result), peer: try JID("ann@example.net"))
    #expect(
      summary.text
        == "no TURN server gave a relay, and --ice-policy relay allows no other path; turn:turn.example.org: "
        + FailureReport(.quotaReached as TURNError).line)
  }

  @Test("a new call is made where the picture was seen and the path lost for good, and nowhere else")
  func newCall() {
    let lost = CallOutcome.failed(JingleMapping.reason(for: .connectivity))
    let result = CallResult(outcome: lost, streamingTime: .seconds(9))
    #expect(FinishedCall(result: result).wantsNewCall)
    #expect(!FinishedCall(result: result, failure: .source(.noPicture)).wantsNewCall)
    for change in [
      { (result: inout CallResult) in result.streamingTime = nil },
      { $0.isInterrupted = true }, { $0.outcome = .hungUp },
      { $0.outcome = .endedByPeer(Reason(.connectivityError)) },
      { $0.outcome = .failed(JingleMapping.reason(for: .handshakeTimeout)) },
    ] {
      var other = result
      change(&other)
      #expect(!FinishedCall(result: other).wantsNewCall)
    }
  }
}
