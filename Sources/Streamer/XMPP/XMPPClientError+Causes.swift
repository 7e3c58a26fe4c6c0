import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import XMPP

/// One sentence for each thing that goes wrong.
extension XMPPClientError {
  static func untrustedCertificate(_ domain: String, _ reason: String) -> XMPPClientError {
    XMPPClientError(
      .protocolViolation,
      "the server's certificate for \(domain) is not trusted (\(reason)): "
        + "if it is signed by a CA of your own, name that CA's certificate with --ca-file")
  }

  static func unreachable(_ target: ConnectionTarget, _ reason: String) -> XMPPClientError {
    XMPPClientError(
      .unreachable,
      "cannot reach the XMPP server at \(target.host):\(target.port) (\(reason)): "
        + "check the network, or name the server with --server HOST:PORT")
  }

  static func disconnected(_ domain: String, _ reason: String) -> XMPPClientError {
    XMPPClientError(.unreachable, "the connection to \(domain) was lost (\(reason)): check the network and try again")
  }

  static func noService(_ domain: String) -> XMPPClientError {
    XMPPClientError(
      .unreachable, "\(domain) says in DNS that it has no XMPP service: check --jid, or name the server with --server")
  }

  /// What a network's error means to people. The first of several connection errors is that of the address that the
  /// system prefers.
  static func reason(_ error: any Error) -> String {
    switch error {
    case let error as NIOConnectionError:
      return error.connectionErrors.first.map { reason($0.error) } ?? "its name cannot be resolved"
    case let error as IOError: return String(cString: strerror(error.errnoCode))
    case ChannelError.connectTimeout: return "no answer in 10 s"
    default: return String(describing: error)
    }
  }

  /// What TLS threw.
  static func tls(_ error: any Error, domain: String) -> XMPPClientError? {
    switch error {
    case let error as NIOSSLExtraError where error == .failedToValidateHostname:
      return untrustedCertificate(domain, "it is for another name")
    case NIOSSLError.unableToValidateCertificate, NIOSSLError.noCertificateToValidate:
      return untrustedCertificate(domain, "it cannot be verified")
    case NIOSSLError.handshakeFailed(let reason):
      let text = String(describing: reason)
      if text.contains("CERTIFICATE_VERIFY_FAILED") {
        return untrustedCertificate(domain, "its signer is unknown, or it has expired")
      }
      return XMPPClientError(
        .protocolViolation,
        "no TLS with \(domain) (\(brief(text))): the server must speak TLS 1.2 or later; "
          + "check that --server names an XMPP port")
    // The connection broke off, or the server does without TLS's goodbye.
    case NIOSSLError.uncleanShutdown: return disconnected(domain, "the server closed the connection")
    case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
      return XMPPClientError(
        .protocolViolation, "TLS with \(domain) failed (\(brief(String(describing: error)))): try again")
    default: return nil
    }
  }

  /// What the stream's state machine found.
  static func stream(_ error: ClientStreamError, jid: JID) -> XMPPClientError {
    let domain = jid.domain
    switch error {
    case .authenticationFailed(let condition, let text):
      return authentication(condition, text: text, jid: jid)
    case .sasl(.prohibitedCredentials):
      return XMPPClientError(
        .credentials, "the password or user name holds characters that XMPP forbids: check JINGLECAM_PASSWORD")
    case .sasl(.noCommonMechanism):
      return XMPPClientError(
        .protocolViolation, "\(domain) offers no SASL mechanism that is safe here: it must enable SCRAM-SHA-256 or -1")
    case .sasl(.wrongServerSignature), .sasl(.serverNotAuthenticated):
      return XMPPClientError(
        .protocolViolation, "\(domain) could not prove that it knows the password of \(jid.bare): do not trust it")
    case .sasl(.iterationCount(let count)):
      return XMPPClientError(
        .protocolViolation,
        "\(domain) asks for \(count) SCRAM iterations, outside 4096 to 1000000: its administrator must correct it")
    case .sasl(let error):
      return XMPPClientError(.protocolViolation, "\(domain) breaks off SASL authentication (\(error)): report it there")
    case .tlsNotOffered, .tlsRefused:
      return XMPPClientError(
        .protocolViolation, "\(domain) offers no TLS, and without it nothing is sent: its administrator must enable it")
    case .stream(let condition, let text, let host): return stream(condition, text: text, host: host, jid: jid)
    case .bindNotOffered:
      return XMPPClientError(.protocolViolation, "\(domain) offers no resource binding: it is no server for clients")
    case .bindFailed(let error):
      return XMPPClientError(
        .temporary, "\(domain) binds no resource (\(brief("\(error)"))): close another client, or try later")
    case .closedByServer: return disconnected(domain, "the server closed the stream")
    case .management(.tooManyUnacknowledged):
      return XMPPClientError(.temporary, "\(domain) does not acknowledge what it is sent: try again later")
    case .management(let error):
      return XMPPClientError(.protocolViolation, "\(domain) counts stanzas wrongly (\(error)): report it there")
    case .xml(let error, let sender):
      var error = XMPPClientError(
        .protocolViolation, "\(domain) sends what is no XMPP (\(error)): check --server's port")
      error.unreadable = XMPPClientError.Unreadable(sender: sender)
      return error
    case .notXMPP:
      return XMPPClientError(.protocolViolation, "\(domain) does not speak XMPP 1.0: check --server's host and port")
    case .unexpected(let name):
      return XMPPClientError(.protocolViolation, "\(domain) sent <\(brief(name))/> out of turn: report it there")
    }
  }

  private static func authentication(_ condition: String, text: String?, jid: JID) -> XMPPClientError {
    switch condition {
    case "temporary-auth-failure":
      return XMPPClientError(.temporary, "\(jid.domain) cannot check passwords at the moment: try again later")
    case "account-disabled", "credentials-expired":
      return XMPPClientError(
        .credentials, "\(jid.domain) does not let \(jid.bare) in (\(condition)): ask its administrator")
    case "not-authorized":
      return XMPPClientError(
        .credentials,
        "\(jid.domain) refuses the password of \(jid.bare): check --jid and JINGLECAM_PASSWORD or --password-file")
    default:
      return XMPPClientError(
        .credentials, "\(jid.domain) does not let \(jid.bare) in (\(brief(text ?? condition))): check --jid")
    }
  }

  private static func stream(
    _ condition: StreamErrorCondition, text: String?, host: String?, jid: JID
  ) -> XMPPClientError {
    let said = brief(text.map { "\(condition.rawValue): \($0)" } ?? condition.rawValue)
    switch condition {
    case .hostUnknown, .hostGone:
      return XMPPClientError(
        .configuration, "the server does not serve \(jid.domain) (\(said)): check --jid and --server")
    case .seeOtherHost:
      return XMPPClientError(
        .unreachable, "\(jid.domain) has moved to \(brief(host ?? "another host")): name that with --server")
    case .conflict:
      return XMPPClientError(
        .unreachable, "another client took the resource of \(jid) (\(said)): give this one another resource in --jid")
    case .notAuthorized:
      return XMPPClientError(.credentials, "\(jid.domain) does not let \(jid.bare) in (\(said)): check --jid")
    case .systemShutdown, .reset, .resourceConstraint, .internalServerError, .connectionTimeout:
      return XMPPClientError(.temporary, "\(jid.domain) ended the stream (\(said)): try again later")
    default:
      return XMPPClientError(.protocolViolation, "\(jid.domain) ended the stream (\(said)): report it there")
    }
  }

  /// The server's words are not ours, and may be a novel.
  private static func brief(_ text: String) -> String {
    PrintableText.from(text, limit: 160)
  }
}
