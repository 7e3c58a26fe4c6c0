import Testing

@testable import XMPP

@Suite("Invitation links, XEP-0401 and XEP-0379")
struct InvitationTests {
  @Test("a link tells the server and the token, and the account if it is for one")
  func register() throws {
    let open = try Invitation(parsing: "xmpp:example.net?register;preauth=TOK-en_1")
    #expect(open.server.description == "example.net" && open.account == nil && open.token == "TOK-en_1")
    let named = try Invitation(parsing: "XMPP:cam%2Bdoor@example.net?register;preauth=a%2Fb;x=y")
    #expect(named.account?.description == "cam+door@example.net" && named.token == "a/b" && named.inviter == nil)
  }

  @Test("somebody's invitation, with which an account can be created, tells who has sent it")
  func roster() throws {
    let invitation = try Invitation(parsing: "xmpp:ann@example.net?roster;preauth=T;ibr=y")
    #expect(invitation.server.description == "example.net" && invitation.inviter?.description == "ann@example.net")
    #expect(invitation.account == nil)
    #expect(throws: Invitation.ParsingError.contactOnly) {
      try Invitation(parsing: "xmpp:ann@example.net?roster;preauth=T")
    }
  }

  @Test("a web page is understood only if its address repeats the link")
  func pages() throws {
    let page = try Invitation(parsing: "https://invite.example/#example.net?register;preauth=T")
    #expect(page.server.description == "example.net" && page.token == "T")
    for text in [
      "https://example.net/invite/TOKEN/", "https://example.net:5281/invite?TOKEN", "https://example.net/#help",
    ] {
      #expect(throws: Invitation.ParsingError.page) { try Invitation(parsing: text) }
    }
  }

  @Test(
    "anything else is refused",
    arguments: [
      ("", Invitation.ParsingError.malformed), ("example.net", .malformed), ("xmpp:", .noToken),
      ("xmpp:example.net", .noToken), ("xmpp:example.net?", .malformed), ("xmpp:example.net?register", .noToken),
      ("xmpp:example.net?register;preauth=", .noToken), ("xmpp:example.net?message;preauth=T", .noToken),
      ("xmpp:example.net/x?register;preauth=T", .malformed), ("xmpp:?register;preauth=T", .malformed),
      ("xmpp:a%zz@example.net?register;preauth=T", .malformed), ("xmpp:%ff@example.net?register;preauth=T", .malformed),
      ("xmpp:example.net?register;preauth=a%+4", .noToken), ("xmpp:example.net?register;preauth=a%-0", .noToken),
      ("xmpp:example.net?register;preauth=a%4", .noToken),
      ("xmpp:example.net?roster;preauth=T;ibr=y", .malformed), ("mailto:example.net?register;preauth=T", .malformed),
      ("xmpp:example.net?register;preauth=" + String(repeating: "T", count: 3000), .malformed),
    ])
  func refused(text: String, error: Invitation.ParsingError) {
    #expect(throws: error) { try Invitation(parsing: text) }
  }
}
