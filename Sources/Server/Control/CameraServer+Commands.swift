import NIOCore
import Settings
import XMPP

/// The menu of commands that an admin's client shows (XEP-0050).
extension CameraServer {
  /// False: it has nothing to do with commands, or is of a stranger, to whom there are none.
  func receiveCommand(_ stanza: XMLElement) -> Bool {
    guard let from = stanza.from, let role = access.role(of: from) else { return false }
    guard role == .admin else {
      guard let refusal = AdHocCommands.forbid(stanza) else { return false }
      send(refusal)
      return true
    }
    switch desk.menu.receive(stanza, now: .now()) {
    case .reply(let answer): send(answer)
    case .perform(let request): perform(request, for: from, role)
    case nil: return false
    }
    return true
  }

  private func perform(_ request: AdHocCommands.Request, for person: JID, _ role: AccessList.Role) {
    guard let command = CameraCommand(node: request.node) else { return }
    Task {
      guard command.hasForm else {
        // Each takes the server's space; what else there is costs nobody anything.
        guard command != .snapshot || desk.answers.take(.command, for: person, now: .now()) else {
          return send(desk.menu.reply(to: request, "You ask too often. Try again in a minute.", isProblem: true))
        }
        logger.notice("menu command", metadata: ["jid": "\(person)", "command": "\(command.rawValue)"])
        let answer = await perform(command, for: person, role)
        // It may have taken a while.
        guard isAllowed(command, for: person) else { return }
        send(desk.menu.reply(to: request, answer.text, isProblem: answer.isProblem))
        // Where it can be seen.
        if let picture = answer.picture { send(ChatMessage.make(to: person, answer.text, showing: picture)) }
        return
      }
      do throws(CommandRefusal) {
        guard let form = request.form else {
          let form = try await form(of: command)
          desk.menu.ask(request, form, now: .now()).map(send)
          return
        }
        let done = try await set(command, form, by: person)
        logger.notice(
          "menu command", metadata: ["jid": "\(person)", "command": "\(command.rawValue)", "done": "\(done)"])
        send(desk.menu.reply(to: request, done))
      } catch {
        send(desk.menu.reply(to: request, error.description, isProblem: true))
      }
    }
  }
}
