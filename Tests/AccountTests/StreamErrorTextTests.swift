import Network
import Testing
import XMPP

@testable import Account

@Suite("What a server wrote, in an error of the XMPP stream")
struct StreamErrorTextTests {
  /// A CSI in one character, a line break and a right-to-left override: all in places of the server's choosing.
  static let hostile = "x\u{9B}2J\n\u{202E}" + String(repeating: "y", count: 5000)

  @Test(
    "no error of the XMPP stream carries a server's control characters, or its novels, to the terminal",
    arguments: [
      ClientStreamError.bindFailed(StanzaError(.cancel, .conflict, text: hostile)),
      .authenticationFailed(condition: "aborted", text: hostile),
      .authenticationFailed(condition: hostile, text: nil),
      .stream(.undefinedCondition, text: hostile, host: nil),
      .stream(.seeOtherHost, text: nil, host: hostile),
      .unexpected(hostile),
      .registrationRefused(StanzaError(.cancel, .conflict, text: hostile)),
      .registrationRefused(StanzaError(.wait, .resourceConstraint, text: hostile)),
      .registrationRefused(StanzaError(.cancel, .notAllowed, text: hostile)),
      .invitationRefused(StanzaError(.cancel, .forbidden, text: hostile)),
      .registrationObstructed(.fields([hostile, hostile])),
    ])
  func streamErrors(error: ClientStreamError) throws {
    let text = XMPPClientError.stream(error, jid: try JID("cam@example.org")).description
    #expect(text == PrintableText.from(text))
    #expect(text.unicodeScalars.count < 400)
  }

  @Test("no other server is asked to create an account that is there, or may be")
  func registeredOnce() throws {
    var error = XMPPClientError.stream(.closedByServer, jid: try JID("cam@home.example"))
    #expect(error.isWorthAnotherTarget)
    error.isRegistrationUnanswered = true
    #expect(!error.isWorthAnotherTarget)
    (error.isRegistrationUnanswered, error.hasRegistered) = (false, true)
    #expect(!error.isWorthAnotherTarget)
  }
}
