import Network
import XMPP

/// One sentence for each thing that goes wrong.
extension XMPPClientError {
  package static let cancelled = XMPPClientError(.cancelled, "cancelled")

  /// - Parameter isNamed: by the user, who else relies on DNS.
  static func unreachable(_ target: ConnectionTarget, isNamed: Bool, _ reason: String) -> XMPPClientError {
    XMPPClientError(
      .unreachable, "cannot reach the XMPP server at \(target.text) (\(reason))",
      cure: "check the network, or " + (isNamed ? "the address in --server" : "name the server with --server HOST:PORT")
    )
  }

  /// It accepts a connection and says nothing.
  static func silent(_ target: ConnectionTarget, isNamed: Bool) -> XMPPClientError {
    XMPPClientError(
      .unreachable, "\(target.text) accepts connections, but does not answer as an XMPP server",
      cure: isNamed ? "check the port in --server" : "try again later, or name another server with --server HOST:PORT")
  }

  static func disconnected(_ domain: String, _ reason: String) -> XMPPClientError {
    XMPPClientError(
      .unreachable, "the connection to \(domain) was lost (\(reason))", cure: "check the network and try again")
  }

  static func addressLost(_ domain: String, _ address: String) -> XMPPClientError {
    XMPPClientError(
      .unreachable, "the connection to \(domain) was lost (this computer no longer has the address \(address))",
      cure: "check the network and try again", .addressLost)
  }

  static func noService(_ domain: String) -> XMPPClientError {
    XMPPClientError(
      .unreachable, "\(domain) says in DNS that it has no XMPP service",
      cure: "check --jid, or name the server with --server")
  }

  static func circularRedirection(_ domain: String, from origin: ConnectionTarget) -> XMPPClientError {
    XMPPClientError(
      .temporary, "the servers of \(domain) send their clients from one to the other, last from \(origin.text)",
      cure: "tell its administrator")
  }

  /// What was met where another server had sent us.
  static func elsewhere(_ error: XMPPClientError, sentBy origin: ConnectionTarget) -> XMPPClientError {
    XMPPClientError(
      error.kind, "\(origin.text) sends its clients to another host; \(error.cause)", cure: error.cure,
      error.circumstance)
  }

  /// What TLS met, on the way to a server or later.
  static func tls(_ failure: TLSFailure, domain: String) -> XMPPClientError {
    switch failure {
    case .closed: disconnected(domain, "the server closed it in the TLS handshake")
    case .wrongName, .unfit, .notYetValid, .expired, .untrusted:
      XMPPClientError(
        .protocolViolation, "the server's certificate for \(domain) is not trusted (\(failure.cause))",
        cure: failure.cure)
    case .noTLS:
      XMPPClientError(
        .protocolViolation, "no TLS with \(domain) (\(failure.cause))",
        cure: "if it uses STARTTLS, name it with --server xmpp://HOST:PORT")
    case .unknownName:
      XMPPClientError(.protocolViolation, "no TLS with \(domain) (\(failure.cause))", cure: "check --jid and --server")
    case .otherProtocol:
      XMPPClientError(
        .protocolViolation, "no TLS with \(domain) (\(failure.cause))", cure: "check that --server names an XMPP port")
    case .protocolVersion, .noCommonParameters, .clientCertificateWanted, .alert, .broken:
      XMPPClientError(.protocolViolation, "no TLS with \(domain) (\(failure.cause))", cure: failure.cure)
    }
  }

  static func scramWithdrawn(_ jid: JID, cure: String) -> XMPPClientError {
    XMPPClientError(
      .protocolViolation,
      "\(jid.domain) offers \(jid.bare) no SCRAM any more and PLAIN alone, as somebody in its place would who is after the "
        + "password", cure: "if its administrator has changed that, \(cure)")
  }

  /// What the stream's state machine found.
  ///
  /// - Parameters:
  ///   - target: where the stream led.
  ///   - isNamed: by the user, who else relies on DNS.
  ///   - isSecured: TLS is there.
  static func stream(
    _ error: ClientStreamError, jid: JID, target: ConnectionTarget, isNamed: Bool, isSecured: Bool
  ) -> XMPPClientError {
    switch error {
    case .xml, .notXMPP:
      guard !isSecured else { break }
      return XMPPClientError(
        .protocolViolation, "what answers at \(target.text) is not an XMPP server",
        cure: "check the port; if it uses direct TLS, name it with --server xmpps://HOST:PORT")
    case .stream(.hostUnknown, _, _), .stream(.hostGone, _, _):
      let domain = jid.domain
      return XMPPClientError(
        .configuration,
        isNamed
          ? "the server at \(target.text) does not serve \(domain)"
          : "DNS leads to \(target.text), and that server does not serve \(domain)",
        cure: isNamed
          ? "check --server, and the domain in --jid"
          : "check the domain in --jid; if it is right, its SRV records are wrong, or --server can name another host",
        .hostUnknown)
    case .stream(.seeOtherHost, _, let host?):
      guard let redirection = Redirection(host, from: target) else { break }
      return XMPPClientError(
        .unreachable, "\(target.text) sends its clients to \(brief(host))", cure: "name that with --server",
        .redirected(redirection))
    default: break
    }
    return stream(error, jid: jid)
  }

  static func stream(_ error: ClientStreamError, jid: JID) -> XMPPClientError {
    let domain = jid.domain
    switch error {
    case .registrationNotOffered, .invitationsNotOffered, .invitationRefused, .registrationObstructed,
      .registrationRefused:
      return registration(error, jid: jid)
    case .authenticationFailed(let condition, let text):
      return authentication(condition, text: text, jid: jid)
    case .sasl(.prohibitedCredentials):
      return XMPPClientError(
        .credentials, "the password or user name holds characters that XMPP forbids", cure: "check JINGLECAM_PASSWORD")
    case .sasl(.noCommonMechanism):
      return XMPPClientError(
        .protocolViolation, "\(domain) offers no SASL mechanism that is safe here",
        cure: "it must enable SCRAM-SHA-256, -512 or -1")
    case .sasl(.wrongServerSignature), .sasl(.serverNotAuthenticated):
      return XMPPClientError(
        .protocolViolation, "\(domain) could not prove that it knows the password of \(jid.bare)",
        cure: "do not trust it")
    case .sasl(.iterationCount(let count)):
      return XMPPClientError(
        .protocolViolation, "\(domain) asks for \(count) SCRAM iterations, outside 4096 to 1000000",
        cure: "its administrator must correct it")
    case .sasl(let error):
      return XMPPClientError(
        .protocolViolation, "\(domain) breaks off SASL authentication (\(brief("\(error)")))", cure: "report it there")
    case .tlsNotOffered, .tlsRefused:
      return XMPPClientError(
        .protocolViolation, "\(domain) offers no TLS, and without it nothing is sent",
        cure: "its administrator must enable it")
    case .stream(let condition, let text, let host): return stream(condition, text: text, host: host, jid: jid)
    case .bindNotOffered:
      return XMPPClientError(
        .protocolViolation, "\(domain) offers no resource binding", cure: "it is not a server for clients")
    case .bindFailed(let error):
      return XMPPClientError(
        .temporary, "\(domain) binds no resource (\(brief("\(error)")))", cure: "close another client, or try later")
    case .closedByServer: return disconnected(domain, "the server closed the stream")
    case .management(.tooManyUnacknowledged):
      return XMPPClientError(.temporary, "\(domain) does not acknowledge stanzas", cure: "try again later")
    case .management(let error):
      return XMPPClientError(.protocolViolation, "\(domain) counts stanzas wrongly (\(error))", cure: "report it there")
    case .xml(let error, let sender):
      var error = XMPPClientError(
        .protocolViolation, "\(domain) sends what is not XMPP (\(error))", cure: "report it there")
      error.unreadable = XMPPClientError.Unreadable(sender: sender)
      return error
    case .notXMPP:
      return XMPPClientError(
        .protocolViolation, "\(domain) does not speak XMPP 1.0", cure: "check --server's host and port")
    case .unexpected(let name):
      return XMPPClientError(
        .protocolViolation, "\(domain) sent <\(brief(name))/> out of turn", cure: "report it there")
    }
  }

  private static func authentication(_ condition: String, text: String?, jid: JID) -> XMPPClientError {
    switch condition {
    case "temporary-auth-failure":
      return XMPPClientError(.temporary, "\(jid.domain) cannot check passwords at the moment", cure: "try again later")
    case "account-disabled", "credentials-expired":
      return XMPPClientError(
        .credentials, "\(jid.domain) does not let \(jid.bare) in (\(condition))", cure: "ask its administrator")
    case "not-authorized":
      return XMPPClientError(
        .credentials, "\(jid.domain) refuses the password of \(jid.bare)",
        cure: "check --jid and JINGLECAM_PASSWORD or --password-file")
    default:
      return XMPPClientError(
        .credentials, "\(jid.domain) does not let \(jid.bare) in (\(brief(text ?? condition)))", cure: "check --jid")
    }
  }

  private static func stream(
    _ condition: StreamErrorCondition, text: String?, host: String?, jid: JID
  ) -> XMPPClientError {
    let said = brief(text.map { "\(condition.rawValue): \($0)" } ?? condition.rawValue)
    switch condition {
    case .hostUnknown, .hostGone:
      return XMPPClientError(
        .configuration, "the server does not serve \(jid.domain) (\(said))", cure: "check --jid and --server")
    case .seeOtherHost:
      return XMPPClientError(
        .unreachable, "\(jid.domain) has moved to \(brief(host ?? "another host"))", cure: "name that with --server")
    case .conflict:
      return XMPPClientError(
        .unreachable, "another client logged in as \(jid) (\(said))", cure: "give each a resource of its own in --jid",
        .conflict)
    case .notAuthorized:
      return XMPPClientError(.credentials, "\(jid.domain) does not let \(jid.bare) in (\(said))", cure: "check --jid")
    case .systemShutdown, .reset, .resourceConstraint, .internalServerError, .connectionTimeout:
      return XMPPClientError(.temporary, "\(jid.domain) ended the stream (\(said))", cure: "try again later")
    default:
      return XMPPClientError(.protocolViolation, "\(jid.domain) ended the stream (\(said))", cure: "report it there")
    }
  }

  /// The server's words are not ours, and may be a novel.
  static func brief(_ text: String) -> String {
    PrintableText.from(text, limit: 160)
  }
}
