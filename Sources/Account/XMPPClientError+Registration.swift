import XMPP

/// Why a server did not create an account (XEP-0077 section 3.1.1, XEP-0445).
extension XMPPClientError {
  static func registration(_ error: ClientStreamError, jid: JID) -> XMPPClientError {
    let domain = jid.domain
    switch error {
    case .registrationNotOffered:
      return XMPPClientError(
        .registration, "\(domain) does not let clients create accounts",
        cure: "create the account on its web page, take another server, or ask its administrator for an invitation link"
      )
    case .invitationsNotOffered:
      return XMPPClientError(
        .registration, "\(domain) does not take invitations", cure: "ask whoever sent it for another")
    case .invitationRefused(let error):
      return XMPPClientError(
        .registration, "\(domain) does not accept the invitation (\(brief("\(error)")))",
        cure: "it may have been used or have expired: ask for another")
    case .registrationObstructed(let obstacle): return obstructed(obstacle, domain: domain)
    case .registrationRefused(let error): return refused(error, jid: jid)
    default: return .stream(error, jid: jid)
    }
  }

  private static func obstructed(_ obstacle: AccountRegistration.Obstacle, domain: String) -> XMPPClientError {
    switch obstacle {
    case .captcha(let page):
      return XMPPClientError(
        .registration, "\(domain) wants a CAPTCHA solved", cure: elsewhere(page))
    case .page(let page):
      return XMPPClientError(
        .registration, "\(domain) creates accounts on its web page alone", cure: elsewhere(page))
    case .fields(let names):
      return XMPPClientError(
        .registration, "\(domain) also asks for \(brief(names.joined(separator: ", ")))", cure: elsewhere(nil))
    case .unreadable:
      return XMPPClientError(
        .registration, "\(domain) sends a registration form that asks for no user name and password",
        cure: elsewhere(nil))
    }
  }

  /// What a person does instead, in a browser or with another client.
  private static func elsewhere(_ page: HTTPSURL?) -> String {
    let place = page.map { "on \(brief($0.description))" } ?? "with another client or on its web page"
    return "create the account \(place), and give it here as an existing one"
  }

  private static func refused(_ error: StanzaError, jid: JID) -> XMPPClientError {
    let said = brief("\(error)")
    switch error.condition {
    case .conflict:
      return XMPPClientError(
        .registration, "\(jid.bare) is taken", cure: "choose another name", .nameTaken)
    case .notAcceptable, .jidMalformed, .badRequest:
      return XMPPClientError(
        .registration, "\(jid.domain) does not accept \(jid.bare) (\(said))", cure: "choose another name or server")
    case .resourceConstraint, .internalServerError, .remoteServerTimeout:
      return XMPPClientError(
        .temporary, "\(jid.domain) creates no account at the moment (\(said))", cure: "try again in an hour")
    default:
      return XMPPClientError(
        .registration, "\(jid.domain) does not create \(jid.bare) (\(said))",
        cure: "take another server, or ask its administrator for an invitation link")
    }
  }
}
