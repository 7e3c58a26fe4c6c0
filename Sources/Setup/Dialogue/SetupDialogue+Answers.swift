import Network
import Settings
import XMPP

/// What is made of an answer, and what is wrong with it.
extension SetupDialogue {
  mutating func accept(_ text: String, of topic: SetupQuestion.Topic) throws(SettingError) {
    switch topic {
    case .source: try acceptSource(text)
    case .confirmation: try acceptConfirmation(text)
    case .way: try acceptWay(text)
    case .address: try acceptAddress(text)
    case .invitation: answers.way = .invitation(try Self.invitation(text))
    case .accountName: try acceptName(ofAccount: text)
    case .password:
      guard !text.isEmpty, !text.contains(where: \.isNewline) else {
        throw SettingError("a password has at least one character", .usage)
      }
      answers.password = text
    case .viewers: try acceptViewers(text)
    case .name: answers.name = try Self.name(text)
    }
  }

  private mutating func acceptSource(_ text: String) throws(SettingError) {
    if let number = Int(text) {
      guard number >= 1, number <= cameras.count else {
        throw SettingError("there is no camera \(number)", cure: "choose 1 to \(max(1, cameras.count))", .usage)
      }
      answers.source = cameras[number - 1].source
    } else {
      answers.source = text
    }
    answers.isSourceShown = false
    answers.isSourceConfirmed = false
  }

  private mutating func acceptConfirmation(_ text: String) throws(SettingError) {
    switch text.lowercased() {
    case "y", "yes": answers.isSourceConfirmed = true
    case "n", "no": (answers.source, answers.isSourceShown) = (nil, false)
    default: throw SettingError("answer yes or no", .usage)
    }
  }

  /// Whoever answers with an address or a link has made the choice.
  private mutating func acceptWay(_ text: String) throws(SettingError) {
    (answers.jid, answers.password) = (nil, nil)
    switch text {
    case "1": answers.way = .existing
    case "2": answers.way = .creation
    case "3": answers.way = .invitation(nil)
    case _ where text.contains("preauth="): answers.way = .invitation(try Self.invitation(text))
    case _ where text.contains("@"):
      answers.jid = try AccountAddress.parse(text)
      answers.way = .existing
    default: throw SettingError("choose 1, 2 or 3", .usage)
    }
  }

  private mutating func acceptAddress(_ text: String) throws(SettingError) {
    let jid = try AccountAddress.parse(text)
    answers.jid = answers.way == .existing ? jid : jid.bare
  }

  private mutating func acceptName(ofAccount text: String) throws(SettingError) {
    guard let invitation else { return }
    let jid = try AccountAddress.parse(text.contains("@") ? text : "\(text)@\(invitation.server)")
    guard jid.server == invitation.server, invitation.account == nil || invitation.account == jid.bare else {
      throw SettingError(
        "'\(jid)' is not what the invitation is for",
        cure: "it is for \(invitation.account?.description ?? "a new account at \(invitation.server)")", .usage)
    }
    answers.jid = jid.bare
  }

  private mutating func acceptViewers(_ text: String) throws(SettingError) {
    let words = text.split { $0 == " " || $0 == "," || $0 == ";" }.map(String.init)
    if !former.allow.isEmpty, words == former.allow.map(\.jid.text) {
      (answers.permissions, answers.keepsPermissions) = (former.allow, true)
      return
    }
    var permissions: [ServeSettings.Permission] = []
    for word in words {
      let jid = try AllowedAddress.parse(word)
      guard jid != answers.jid?.bare else {
        throw SettingError("\(jid) is the camera itself", cure: "name the accounts of those who watch", .usage)
      }
      guard !permissions.contains(where: { $0.jid.text == jid.description }) else { continue }
      // Everybody at a domain is nobody to give orders.
      let hasAdmin = permissions.contains { $0.role != nil }
      permissions.append(
        .init(jid: Setting(jid.description), role: jid.local == nil || hasAdmin ? nil : Setting("admin")))
    }
    (answers.permissions, answers.keepsPermissions) = (permissions, false)
  }

  private static func invitation(_ text: String) throws(SettingError) -> Invitation {
    do throws(Invitation.ParsingError) {
      return try Invitation(parsing: text)
    } catch {
      switch error {
      case .page:
        throw SettingError(
          "this is the address of a web page",
          cure: "open it in a browser, and copy the link behind its button, which begins with xmpp:", .usage)
      case .noToken:
        throw SettingError("this link has no invitation in it", cure: "it has to contain preauth=", .usage)
      case .contactOnly:
        throw SettingError(
          "this link invites to become a contact, and creates no account",
          cure: "ask for an invitation to the server", .usage)
      case .malformed:
        throw SettingError(
          "this is not an invitation link", cure: "it looks like xmpp:domain?register;preauth=TOKEN", .usage)
      }
    }
  }

  private static func name(_ text: String) throws(SettingError) -> String {
    let name = PrintableText.from(text, limit: 65)
    guard name == text, name.unicodeScalars.count <= 64 else {
      throw SettingError(
        "the name is too long, or has control characters in it", cure: "take at most 64 letters", .usage)
    }
    return name
  }
}
