import Jingle
import Peer
import Testing
import XMPP

@testable import Streamer

@Suite("What a person is told of the end of a call")
struct CallConclusionTests {
  @Test("a handshake that nobody answered is no missing path: a TURN server would not help")
  func handshake() throws {
    let peer = try JID("ann@example.net")
    for (error, names, spares) in [
      (PeerError.connectivity, "--turn", "handshake"), (.handshakeTimeout, "handshake", "--turn"),
    ] {
      let result = CallResult(outcome: .failed(JingleMapping.reason(for: error)), isInterrupted: false)
      let conclusion = CallConclusion(result, peer: peer)
      #expect(conclusion.status == .unavailable)
      #expect(conclusion.summary.text.contains(names) && !conclusion.summary.text.contains(spares))
    }
  }

  @Test("where no TURN server gave a relay that --ice-policy relay wants, the server's trouble is told")
  func noRelay() throws {
    let result = CallResult(
      outcome: .failed(JingleMapping.reason(for: .noRelay)), isInterrupted: false,
      candidateError: "turn:turn.example.org: 401 wrong credentials")
    let conclusion = CallConclusion(result, peer: try JID("ann@example.net"))
    #expect(conclusion.status == .unavailable)
    #expect(
      conclusion.summary.text
        == "no TURN server gave a relay, and --ice-policy relay takes no other path; "
        + "turn:turn.example.org: 401 wrong credentials")
  }

  @Test("a new call is made where the picture was seen and the path lost for good, and nowhere else")
  func newCall() {
    let lost = CallOutcome.failed(JingleMapping.reason(for: .connectivity))
    let result = CallResult(outcome: lost, isInterrupted: false, streamingTime: .seconds(9))
    #expect(result.wantsNewCall)
    for change in [
      { (result: inout CallResult) in result.streamingTime = nil },
      { $0.isInterrupted = true }, { $0.failure = CommandError("the source ended", .dataError) },
      { $0.outcome = .hungUp }, { $0.outcome = .endedByPeer(Reason(.connectivityError)) },
      { $0.outcome = .failed(JingleMapping.reason(for: .handshakeTimeout)) },
    ] {
      var other = result
      change(&other)
      #expect(!other.wantsNewCall)
    }
  }
}
