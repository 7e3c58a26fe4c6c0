import Logging
import NIOCore
import Settings
import XMPP

/// Who may watch, as an admin changes it by chat. The settings are never overruled: whom they name, no chat removes.
extension CameraServer {
  /// More lines nobody reads on a phone.
  private static let shownPeople = 50

  // MARK: Pairing

  /// Makes a new code if nobody is allowed, and withdraws the former one. There is none while it is not known who was
  /// allowed by chat, since the camera may have an admin.
  func offerPairing() {
    people.pairingEnd?.cancel()
    (people.pairing, people.pairingEnd) = (nil, nil)
    if let unreadable = people.unreadable {
      logger.warning(
        "nobody whom an admin allowed by chat may watch, and no change is saved: make the file readable and restart jinglecam",
        metadata: ["file": "\(unreadable.path)", "cause": "\(unreadable.cause)"])
      return
    }
    guard access.isEmpty else { return }
    var generator = SystemRandomNumberGenerator()
    let pairing = Pairing(now: .now(), using: &generator)
    people.pairing = pairing
    logger.notice(
      "nobody may watch yet: whoever writes this code to the camera within 10 minutes becomes its admin",
      metadata: ["code": "\(pairing.code)", "jid": "\(configuration.account.jid.bare)"])
    people.pairingEnd = eventLoop.scheduleTask(deadline: pairing.deadline) { [weak self] in
      self?.assumeIsolated { $0.endPairing("10 minutes have passed") }
    }
  }

  private func endPairing(_ reason: String) {
    people.pairingEnd?.cancel()
    (people.pairing, people.pairingEnd) = (nil, nil)
    logger.warning(
      "the code is no longer valid: restart or reload jinglecam for a new one", metadata: ["reason": "\(reason)"])
  }

  /// Takes a message of somebody who may not watch; false if it has nothing to do with pairing.
  func pair(_ message: ChatMessage) -> Bool {
    guard let answer = people.pairing?.receive(message, now: .now()) else { return false }
    switch answer {
    case .paired(let person):
      people.pairingEnd?.cancel()
      (people.pairing, people.pairingEnd) = (nil, nil)
      people.insert(person, as: .admin)
      logger.notice(
        "\(ServiceStatus.Event.Milestone.paired.rawValue)", metadata: ["jid": "\(person)", "role": "admin"])
      let save = people.save()
      letIn(person)
      welcome(person)
      Task {
        let greeting = "You are now an admin of this camera. Write \"help\" to see what you can ask for."
        send(message.reply(greeting + remark(on: await save())))
      }
    case .wrong(let left):
      logger.notice("a wrong code was sent", metadata: ["jid": "\(message.from.bare)", "attempts-left": "\(left)"])
      send(message.reply(left == 0 ? "The code is wrong." : "The code is wrong. Compare it and write it again."))
      if left == 0 { endPairing("\(Pairing.attemptLimit) wrong codes were sent") }
    }
    return true
  }

  // MARK: Commands

  /// Done, and what to say about it.
  func allow(_ text: String) async throws(CommandRefusal) -> String {
    let person = try Self.person(text)
    guard person != configuration.account.jid.bare else { throw CommandRefusal("that is the camera itself") }
    guard access.role(of: person) == nil else { return "\(person) is allowed already." }
    guard people.roles.count < AllowedPeople.limit else { throw CommandRefusal("there are too many people already") }
    people.insert(person, as: .viewer)
    let save = people.save()
    letIn(person)
    return "\(person) may watch now, and is sent a contact request.\(remark(on: await save()))"
  }

  /// Done, and what to say about it.
  func forbid(_ text: String, by admin: JID) async throws(CommandRefusal) -> String {
    let person = try Self.person(text)
    guard person != admin.bare else { throw CommandRefusal("you are an admin, and only another one can remove you") }
    let former = access.role(of: person)
    let wasAllowed = people.remove(person)
    let save = people.save()
    updateAccess()
    if let role = access.role(of: person) {
      let name = configuration.access.names(person) ? "\(person)" : "everybody at \(person.domain)"
      guard wasAllowed else { throw CommandRefusal("the settings allow \(name): remove it there") }
      let lost = role == former ? "allowed by chat" : "an admin"
      return "\(person) is no longer \(lost); the settings still allow \(name).\(remark(on: await save()))"
    }
    guard wasAllowed else { return "\(person) is not allowed anyway." }
    // The camera's request ends as well, whether it was answered or not (RFC 6121 section 3.3).
    send(Self.presence(.unsubscribed, to: person))
    send(Self.presence(.unsubscribe, to: person))
    // Whoever let the person in: it is asked for until the roster has it.
    await contacts.approved.insert([person])
    Task { await matchSubscriptions() }
    return "\(person) may no longer watch.\(remark(on: await save()))"
  }

  /// Who may watch, a line each.
  var permissions: String {
    let settings = configuration.access
    let named = access.people.map { person in
      let place = settings.names(person) ? "in the settings" : "by chat"
      return "\(person): \(access.role(of: person) ?? .viewer), \(place)"
    }
    let domains = settings.domains.map { "everybody at \($0): \(settings.role(of: $0) ?? .viewer), in the settings" }
    let lines = named + domains
    let rest = lines.count - Self.shownPeople
    return (lines.prefix(Self.shownPeople) + (rest > 0 ? ["and \(rest) more"] : [])).joined(separator: "\n")
  }

  /// Whether the person may give the command at this moment.
  func isAllowed(_ command: CameraCommand, for person: JID) -> Bool {
    access.role(of: person).map { command.role <= $0 } ?? false
  }

  // MARK: Access

  /// Whoever may no longer watch loses his calls at once.
  func updateAccess() {
    let access = configuration.access.extended(by: people.roles)
    self.access = access
    contacts.callers.replace(by: access)
    admission.access = access
    for call in viewers.calls {
      call.assumeIsolated { call in
        if access.role(of: call.peer) == nil { call.interrupt() }
      }
    }
    silence()
  }

  /// The person's own contact request, which nobody answered while it was a stranger's, is granted, and the camera sends
  /// one. (A permission in advance, RFC 6121 section 3.4, would be kept for good: Prosody 0.12 does not cancel it.)
  private func letIn(_ person: JID) {
    updateAccess()
    let isAsking = contacts.forget(asking: person)
    if isAsking { grant(person) }
    Task { await matchSubscriptions() }
  }

  private static func person(_ text: String) throws(CommandRefusal) -> JID {
    let person = try CommandRefusal.translating { () throws(SettingError) in try AllowedAddress.parse(text) }
    guard person.local != nil else {
      throw CommandRefusal("'\(text)' is everybody there, whom only the settings can allow: write user@domain")
    }
    return person
  }

  private func remark(on cause: String?) -> String {
    guard let cause else { return "" }
    logger.warning("who was allowed or forbidden by chat cannot be saved", metadata: ["cause": "\(cause)"])
    return " This cannot be saved, and holds until the camera is restarted."
  }
}
