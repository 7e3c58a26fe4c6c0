import NIOCore
import Settings
import TestSupport

@testable import Server
@testable import XMPP

extension FuzzTarget {
  /// What somebody writes to a camera, a message each: the code of a camera that nobody may call yet, and commands.
  static let chat = FuzzTarget(text: "chat", seeds: seeds, words: words) { bytes in
    guard let local = try? JID("cam@example.org/pi") else { fatalError() }
    var generator = SeededGenerator(seed: 1)
    var pairing = Pairing(now: .fuzzStart, using: &generator)
    var budget = AnswerBudget()
    var now = NIODeadline.fuzzStart
    var attempts = 0
    var pairings = 0
    for case .stanza(let stanza) in events(bytes, step: .max) {
      now = now + .seconds(20)
      guard let message = ChatMessage(live: stanza, local: local) else { continue }
      require(message.from.local != nil && message.from.bare != local.bare, "a message of nobody's")
      _ = budget.take(.hint, for: message.from, now: now)
      switch pairing.receive(message, now: now) {
      case .paired(let person)?:
        (attempts, pairings) = (attempts + 1, pairings + 1)
        require(person == message.from.bare, "somebody else has paired")
        require(digits(in: message) == digits(in: pairing.code), "paired by \(message)")
      case .wrong(let left)?:
        attempts += 1
        require(left == Pairing.attemptLimit - attempts, "\(left) attempts left after \(attempts)")
      case nil: break
      }
      require(attempts <= Pairing.attemptLimit && pairings <= 1, "\(attempts) attempts, \(pairings) pairings")
      require(now < pairing.deadline || !pairing.isOpen(now: now), "for longer than ten minutes")
      if case .text(let text) = message.content { obey(text) }
    }
  }

  /// What is understood, and that no answer is a command, or two cameras would talk with each other.
  private static func obey(_ text: String) {
    let command = PermissionRequest(spoken: text)?.command ?? CameraCommand(spoken: text)
    if let number = CameraCommand.spokenVolume(text) { require(number.utf8.count <= CameraCommand.maximumLength) }
    if let command { require(CameraCommand(node: command.node) == command) }
    guard let request = PermissionRequest(spoken: text) else { return }
    do throws(CommandRefusal) {
      let person = try CommandRefusal.translating { () throws(SettingError) in
        try AllowedAddress.parse(request.person)
      }
      // As the files of people have them.
      let line = person.description
      require(person.isBare && !line.contains { $0.isNewline || $0 == "/" }, "no line of a file: \(line)")
      require((try? JID(line)) == person, "\(line) reads otherwise")
    } catch {
      let answer = "\(error)".sentence
      require(CameraCommand(spoken: answer) == nil && PermissionRequest(spoken: answer) == nil, "a command: \(answer)")
    }
  }

  private static func digits(in message: ChatMessage) -> [Character] {
    guard case .text(let text) = message.content else { return [] }
    return digits(in: text)
  }

  private static func digits(in text: String) -> [Character] { text.filter { ("0"..."9").contains($0) }.map { $0 } }

  private static func message(_ body: String) -> String {
    "<message type='chat' from='ann@example.net/phone'><body>\(body)</body></message>"
  }

  /// That of each input.
  private static let code: String = {
    var generator = SeededGenerator(seed: 1)
    return Pairing(now: .fuzzStart, using: &generator).code
  }()

  private static let seeds = [
    (0..<6).map { message("0000 000\($0)") }.joined() + message(code), message(code) + message(code),
    message("1234-5678") + message(" \(code)."),
    message("allow bob@example.net") + message("forbid xmpp:bob@example.net.") + message("who"),
    message("Please call me!") + message("/status?") + message("?") + message("volume 50") + message("stop all"),
    message("allow *@example.net") + message("allow example.net") + message("allow bob@example.net/phone"),
    "<message from='ann@example.net'><body>x</body><delay xmlns='urn:xmpp:delay'/></message>"
      + "<message from='ann@example.net'><encrypted xmlns='eu.siacs.conversations.axolotl'/></message>",
    "<message from='room@muc/ann'><body>\(code)</body><x xmlns='http://jabber.org/protocol/muc#user'/></message>",
  ]

  private static let words = [
    code, "<message from='a@b'><body>", "</body></message>", "allow ", "forbid ", "please ", "volume ", "/", "?", "!",
    ".",
    "xmpp:", "@example.net", "help", "status", "call me", "stop all", "urn:xmpp:delay", "&#x9;", "&#xA;", "\u{2028}",
    "\u{202E}", "\u{660}", "xn--", "[::1]",
  ]
}
