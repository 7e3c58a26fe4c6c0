/// Why a client's stream could not be negotiated or was interrupted.
package enum ClientStreamError: Error, Hashable, Sendable {
  /// The server sent XML that cannot be read; `from` is the sender if it occurred in a stanza that has one.
  case xml(XMLStreamError, from: String? = nil)
  /// The server sent a stream error (RFC 6120 section 4.9); `host` is that of `see-other-host`.
  case stream(StreamErrorCondition, text: String?, host: String?)
  /// The server did not send a stream header of XMPP 1.0.
  case notXMPP
  /// The server does not offer STARTTLS. The stream is never continued without encryption.
  case tlsNotOffered
  /// The server offered STARTTLS and refused it.
  case tlsRefused
  /// The server does not create accounts in-band (XEP-0077).
  case registrationNotOffered
  /// The server does not take the tokens of invitations (XEP-0445).
  case invitationsNotOffered
  /// The server refused the token.
  case invitationRefused(StanzaError)
  /// The server asks for what only a person can answer.
  case registrationObstructed(AccountRegistration.Obstacle)
  /// The server refused to create the account.
  case registrationRefused(StanzaError)
  case sasl(SASLError)
  /// The server refused the authentication (RFC 6120 section 6.5).
  case authenticationFailed(condition: String, text: String?)
  case bindNotOffered
  case bindFailed(StanzaError)
  case management(StreamManagementError)
  /// The server sent this element out of order.
  case unexpected(String)
  case closedByServer

  /// The stream error to send before closing the stream, if the server is at fault.
  var condition: StreamErrorCondition? {
    switch self {
    case .xml(let error, _): error.condition
    case .management(let error): error.condition
    case .notXMPP: .unsupportedVersion
    case .unexpected: .policyViolation
    case .registrationNotOffered, .invitationsNotOffered, .invitationRefused, .registrationObstructed,
      .registrationRefused:
      nil
    case .sasl, .stream, .tlsNotOffered, .tlsRefused, .authenticationFailed, .bindNotOffered, .bindFailed,
      .closedByServer:
      nil
    }
  }
  var applicationCondition: XMLElement? {
    if case .management(let error) = self { error.applicationCondition } else { nil }
  }
}
