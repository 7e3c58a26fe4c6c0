/// "allow ann@example.net", as an admin writes it in a chat.
struct PermissionRequest: Equatable, Sendable {
  /// The most bytes of UTF-8 that are looked at: a command and a bare JID (RFC 7622 section 3).
  static let maximumLength = 2_200

  let command: CameraCommand
  /// As it was written, and perhaps no address.
  let person: String

  /// Nil if it is something else.
  init?(spoken text: String) {
    guard text.utf8.count <= Self.maximumLength else { return nil }
    var words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    if words.first?.lowercased() == "please" { words.removeFirst() }
    if words.last?.lowercased() == "please" { words.removeLast() }
    guard words.count == 2 else { return nil }
    switch words[0].lowercased() {
    case "allow", "/allow", "permit", "invite", "add": command = .allow
    case "forbid", "/forbid", "disallow", "remove", "revoke": command = .forbid
    default: return nil
    }
    // Clients make links of addresses, and people end a sentence.
    var address = words[1][...]
    if address.lowercased().hasPrefix("xmpp:") { address = address.dropFirst("xmpp:".count) }
    while let last = address.last, ".,!".contains(last) { address.removeLast() }
    person = String(address)
  }
}
