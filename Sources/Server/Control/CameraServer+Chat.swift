import NIOCore
import XMPP

/// For people without a menu of commands.
extension CameraServer {
  /// False: it is no message of somebody on the list, nor one with the code of ``Pairing``.
  func receiveChat(_ stanza: XMLElement) -> Bool {
    guard let client, let message = ChatMessage(live: stanza, local: client.jid) else { return false }
    guard let role = access.role(of: message.from) else { return pair(message) }
    switch message.content {
    case .encrypted:
      // Without a word a person would wait for ever; clients encrypt by themselves.
      guard desk.answers.take(.encrypted, for: message.from, now: .now()) else { break }
      send(message.reply("I cannot read encrypted messages; turn encryption off for this chat."))
    case .text(let text):
      if role >= CameraCommand.volume.role, let volume = CameraCommand.spokenVolume(text) {
        guard isAnswered(message) else { break }
        logger.notice("chat command", metadata: ["jid": "\(message.from)", "command": "volume"])
        send(message.reply(answer { () throws(CommandRefusal) in try setVolume(volume) }.text))
        break
      }
      let request = PermissionRequest(spoken: text)
      guard let command = request?.command ?? CameraCommand(spoken: text) else {
        hint(CameraCommand.hint(for: role, hasSpeaker: configuration.speaker != nil), to: message)
        break
      }
      guard command.role <= role else {
        hint("Only an admin can ask for that.", to: message)
        break
      }
      guard request != nil || !command.hasForm else {
        hint(
          command.spoken.map { "Write \"\($0)\"." } ?? "That is in your client's menu of commands.", to: message)
        break
      }
      // A greeting may be the answer of a program.
      if command == .help, !text.lowercased().contains(command.rawValue) {
        hint(CameraCommand.offer(for: role, hasSpeaker: configuration.speaker != nil), to: message)
        break
      }
      guard isAnswered(message) else { break }
      logger.notice("chat command", metadata: ["jid": "\(message.from)", "command": "\(command.rawValue)"])
      Task {
        let answer =
          if let request {
            await perform(request, for: message.from)
          } else {
            await perform(command, for: message.from, role, isBrief: true)
          }
        // It may have taken a while.
        guard isAllowed(command, for: message.from) else { return }
        send(message.reply(answer.text, showing: answer.picture))
      }
    }
    return true
  }

  private func perform(_ request: PermissionRequest, for admin: JID) async -> CommandAnswer {
    do throws(CommandRefusal) {
      return CommandAnswer(
        request.command == .allow
          ? try await allow(request.person) : try await forbid(request.person, by: admin))
    } catch {
      return CommandAnswer(problem: error)
    }
  }

  /// Whether a command is carried out; whoever asks too often hears so.
  private func isAnswered(_ message: ChatMessage) -> Bool {
    guard desk.answers.take(.command, for: message.from, now: .now()) else {
      hint("You ask too often. Try again in a minute.", to: message)
      return false
    }
    return true
  }

  /// Who is not understood hears so, but two programs that answer each other do not go on.
  private func hint(_ text: String, to message: ChatMessage) {
    guard desk.answers.take(.hint, for: message.from, now: .now()) else { return }
    send(message.reply(text))
  }
}
