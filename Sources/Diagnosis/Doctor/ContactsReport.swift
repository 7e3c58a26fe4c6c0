import Settings
import XMPP

/// Who may watch, and whether their clients know: most show a call button only where presence goes both ways.
struct ContactsReport: Sendable {
  var account: JID
  var access: AccessList
  var roster: Roster

  var findings: [DoctorFinding] {
    let people = access.people.filter { $0 != account.bare }
    let warnings = people.compactMap(warning)
    let count = people.count - warnings.count
    guard count > 0 else { return warnings + others }
    let text = "\(count) of \(people.count) who may watch \(count == 1 ? "shares" : "share") presence with the camera"
    return [.ok(.contacts, text)] + warnings + others
  }

  /// About contacts who are not on the list, as a person's account has.
  private var others: [DoctorFinding] {
    let count = roster.subscribers.count { access.role(of: $0.jid) == nil }
    guard count > 0 else { return [] }
    let text = "\(count) of the account's contacts may not watch, and \(count == 1 ? "sees" : "see") that it is online"
    return [.warning(.contacts, text, fix: "give the camera an account of its own")]
  }

  private func warning(about person: JID) -> DoctorFinding? {
    let item = roster[person]
    let (text, fix) =
      switch (item?.subscription ?? .none, item?.isAsking ?? false) {
      case (.both, _):
        ("", "")
      case (.to, _):
        ("does not see whether the camera is there", "add \(account.bare) to the contacts in the client of \(person)")
      case (_, true):
        ("has not accepted the camera's contact request", "accept it in the client of \(person)")
      case (_, false):
        (
          "is not a contact of the camera",
          "start jinglecam serve, which asks, and accept it in the client of \(person)"
        )
      }
    return text.isEmpty ? nil : .warning(.contacts, "\(person) \(text), and may see no call button", fix: fix)
  }
}
