/// What servers there are to ask, and who names them.
package struct ServicesEvent: CheckEvent {
  package static let type = "services"

  struct Service: Encodable {
    let url: String
    /// `xmpp` (XEP-0215) or `option`.
    let source: String
    /// The time at which the credentials expire, as the server wrote it (XEP-0082).
    var expires: String?
    /// Seconds; negative: they have lapsed by this host's clock.
    var expiresIn: Int64?
  }

  let services: [Service]
  /// Seconds.
  package let time: Double

  package var text: String {
    guard !services.isEmpty else { return "none: neither --stun, --turn nor the XMPP server names one" }
    return services.map { service in
      guard let seconds = service.expiresIn else { return service.url }
      return seconds > 0
        ? "\(service.url) (for \(CheckText.span(seconds: seconds)))"
        : "\(service.url) (expired \(CheckText.span(seconds: -seconds)) ago)"
    }.joined(separator: ", ")
  }
}
