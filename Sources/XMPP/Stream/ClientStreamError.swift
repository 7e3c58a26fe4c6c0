/// Why a client's stream could not be negotiated or broke off.
package enum ClientStreamError: Error, Hashable, Sendable {
  /// What the server sent cannot be read, in a stanza that says whom it is `from` or outside of any.
  case xml(XMLStreamError, from: String? = nil)
  /// The server's stream error, RFC 6120 section 4.9; `host` where it is `see-other-host`.
  case stream(StreamErrorCondition, text: String?, host: String?)
  /// The server sent no XMPP 1.0 stream header.
  case notXMPP
  /// The server offers no STARTTLS, or refused it. We never go on in the clear.
  case tlsNotOffered
  case tlsRefused
  case sasl(SASLError)
  /// The server's SASL failure, RFC 6120 section 6.5.
  case authenticationFailed(condition: String, text: String?)
  case bindNotOffered
  case bindFailed(StanzaError)
  case management(StreamManagementError)
  /// An element out of turn.
  case unexpected(String)
  case closedByServer

  /// What the server is told before the stream is closed, where it is the one at fault.
  var condition: StreamErrorCondition? {
    switch self {
    case .xml(let error, _): error.condition
    case .management(let error): error.condition
    case .notXMPP: .unsupportedVersion
    case .unexpected: .policyViolation
    case .sasl, .stream, .tlsNotOffered, .tlsRefused, .authenticationFailed, .bindNotOffered, .bindFailed,
      .closedByServer:
      nil
    }
  }
  var applicationCondition: XMLElement? {
    if case .management(let error) = self { error.applicationCondition } else { nil }
  }
}
