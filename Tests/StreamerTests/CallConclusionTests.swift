import Jingle
import Testing
import XMPP

@testable import Streamer

@Suite("What a person is told of the end of a call")
struct CallConclusionTests {
  @Test("a handshake that nobody answered is no missing path: a TURN server would not help")
  func handshake() throws {
    let peer = try JID("ann@example.net")
    for (text, names, spares) in [
      (nil, "--turn", "handshake"), ("no answer to the DTLS handshake", "handshake", "--turn"),
    ] {
      let result = CallResult(outcome: .failed(Reason(.connectivityError, text: text)), isInterrupted: false)
      let conclusion = CallConclusion(result, peer: peer)
      #expect(conclusion.status == .unavailable)
      #expect(conclusion.summary.text.contains(names) && !conclusion.summary.text.contains(spares))
    }
  }
}
