import XMPP

/// Who may call, and what they may ask for; nobody else may anything.
package struct AccessList: Sendable {
  package enum Role: String, CaseIterable, Comparable, Sendable {
    case viewer, admin

    package static func < (left: Role, right: Role) -> Bool { left == .viewer && right == .admin }
  }

  /// The roles by bare JID, or by domain for everybody there.
  private var roles: [JID: Role] = [:]

  package init() {}

  /// Whoever is named twice has the greater role.
  package mutating func allow(_ jid: JID, as role: Role) {
    roles[jid.bare] = max(role, roles[jid.bare] ?? role)
  }

  /// What is said of a person goes before what is said of the domain.
  package func role(of jid: JID) -> Role? {
    roles[jid.bare] ?? roles[jid.server]
  }

  /// The people who are named one by one.
  package var people: [JID] {
    roles.keys.filter { $0.local != nil }.sorted { $0.description < $1.description }
  }

  /// All else: everybody there.
  package var domains: [JID] {
    roles.keys.filter { $0.local == nil }.sorted { $0.description < $1.description }
  }

  package var isEmpty: Bool { roles.isEmpty }

  /// What lets more people do more than was probably meant, each with what to do about it.
  package var warnings: [(text: String, fix: String)] {
    domains.filter { roles[$0] == .admin }.map {
      ("everybody who has or can get an account at \($0) is an admin", "name the admins one by one, as user@domain")
    }
  }

  /// The list with those who were allowed by chat besides. Who is named here keeps the role of this list, and nobody loses
  /// what everybody at his domain has.
  package func extended(by people: [JID: Role]) -> AccessList {
    var extended = self
    for (person, role) in people where roles[person.bare] == nil {
      extended.roles[person.bare] = max(role, roles[person.server] ?? role)
    }
    return extended
  }

  /// Whether this list names the person, and not only his domain.
  package func names(_ person: JID) -> Bool { roles[person.bare] != nil }
}

extension AccessList: CustomStringConvertible {
  /// More names make a line that nobody reads.
  private static let shown = 8

  /// In words, for a line of the log.
  package var description: String {
    guard !isEmpty else { return "nobody yet" }
    let names = people.map { name(of: $0, "\($0)") } + domains.map { name(of: $0, "everybody at \($0)") }
    let rest = names.count - Self.shown
    return names.prefix(Self.shown).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
  }

  private func name(of jid: JID, _ text: String) -> String {
    roles[jid] == .admin ? "\(text) (admin)" : text
  }
}
