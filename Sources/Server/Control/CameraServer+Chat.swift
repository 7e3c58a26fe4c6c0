import NIOCore
import XMPP

/// For people without a menu of commands.
extension CameraServer {
  /// False: it is no message of somebody on the list.
  func receiveChat(_ stanza: XMLElement) -> Bool {
    guard let client, let message = ChatMessage(live: stanza, local: client.jid),
      let role = configuration.access.role(of: message.from)
    else { return false }
    switch message.content {
    case .encrypted:
      // Without a word a person would wait for ever; clients encrypt by themselves.
      guard desk.answers.take(.encrypted, for: message.from, now: .now()) else { break }
      send(message.reply("I cannot read encrypted messages; turn encryption off for this chat."))
    case .text(let text):
      guard let command = CameraCommand(spoken: text), !command.hasForm, command.role <= role else {
        guard desk.answers.take(.hint, for: message.from, now: .now()) else { break }
        send(message.reply("I do not know that; write help."))
        break
      }
      guard desk.answers.take(.command, for: message.from, now: .now()) else { break }
      logger.notice("chat command", metadata: ["jid": "\(message.from)", "command": "\(command.rawValue)"])
      Task {
        let answer = await perform(command, for: message.from, role)
        send(message.reply(answer.text, showing: answer.picture))
      }
    }
    return true
  }
}
