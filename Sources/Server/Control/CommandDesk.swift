import Streamer
import XMPP

/// What a camera remembers of those who command it by chat or menu.
struct CommandDesk {
  var answers = AnswerBudget()
  var menu: AdHocCommands
  /// The commands that are being carried out; of those that take a while there is one of a kind at a time.
  private var underWay: Set<CameraCommand> = []

  /// - Parameter hasSpeaker: whether there is a loudspeaker.
  init(hasSpeaker: Bool) {
    menu = AdHocCommands(CameraCommand.menu(hasSpeaker: hasSpeaker)) { StreamSession.newSessionID() }
  }

  /// - Returns: false where it is under way already.
  mutating func begin(_ command: CameraCommand) -> Bool { underWay.insert(command).inserted }

  mutating func end(_ command: CameraCommand) { underWay.remove(command) }
}
