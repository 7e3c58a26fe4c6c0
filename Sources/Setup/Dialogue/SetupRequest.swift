import Settings

/// The answers that `jinglecam setup` was given beforehand, as options; what is nil is asked for.
package struct SetupRequest: Sendable {
  package var source: String?
  package var jid: String?
  /// The password of the account; nil: none was given.
  package var password: String?
  /// Whether the account is to be created.
  package var creates = false
  package var invitation: String?
  package var server: String?
  package var caFile: String?
  /// Who may watch; nil: not said.
  package var allow: [String]?
  package var name: String?
  /// Whether this is one of several cameras, which has to be called by its own name.
  package var isOneOfSeveral = false
  /// Whether nobody is to be asked.
  package var isUnattended = false

  package init() {}
}

/// What is there already: the answers of a former setup, or what a person wrote.
package struct FormerSettings: Sendable {
  package var jid: String?
  package var source: String?
  package var server: String?
  package var caFile: String?
  package var allow: [ServeSettings.Permission] = []
  /// The account's password.
  package var password: String?

  package init() {}

  /// Reads the settings; those of the sample, whose account is at a domain that nobody can have (RFC 2606), are none.
  package init(_ settings: ServeSettings, password: String?) {
    guard let account = settings.values[.jid]?.text, let jid = try? AccountAddress.parse(account),
      !["example.net", "example.org", "example.com"].contains(jid.domain)
    else { return }
    self.jid = account
    self.password = password
    source = settings.values[.source]?.text
    server = settings.values[.server]?.text
    caFile = settings.values[.caFile]?.text
    allow = settings.allow
  }
}
