import Settings
import XMPP

/// What a camera can be asked for: in a chat by its name, from a client's menu by its node (XEP-0050).
enum CameraCommand: String, CaseIterable, Sendable {
  case help
  case status
  case snapshot
  case callMe = "call me"
  case stop
  case volume
  case mute
  case unmute
  case viewers
  case who
  case allow
  case forbid
  case stopAll = "stop all"
  case restart
  case check
  case bitrate
  case picture = "size and rate"
  case control = "camera control"

  /// The most bytes of UTF-8 that a command may have; longer text is not looked at.
  static let maximumLength = 64

  /// What a person wrote; case, white space, a slash before it, and the marks and the politeness around it do not matter.
  init?(spoken text: String) {
    guard text.utf8.count <= Self.maximumLength else { return nil }
    var words = text.lowercased().split { $0.isWhitespace || ".,!".contains($0) }
    if words.first == "please" { words.removeFirst() }
    if words.last == "please" { words.removeLast() }
    var phrase = words.joined(separator: " ")[...]
    if phrase.hasPrefix("/") { phrase.removeFirst() }
    while phrase.hasSuffix("?") { phrase.removeLast() }
    // A question mark alone is a question.
    guard !phrase.isEmpty || words == ["?"] else { return nil }
    if let command = Self(rawValue: String(phrase)) {
      self = command
    } else {
      guard let command = Self.allCases.first(where: { $0.synonyms.contains(String(phrase)) }) else { return nil }
      self = command
    }
  }

  /// What else people write for it. None of it may be an answer of a camera, or two cameras would talk with each other.
  private var synonyms: Set<String> {
    switch self {
    case .help: ["", "hi", "hello", "hey", "commands", "menu", "info", "what can you do"]
    case .status: ["state", "how are you"]
    case .snapshot:
      [
        "photo", "picture", "image", "snap", "take a snapshot", "take a picture", "take a photo", "send a snapshot",
        "send a picture", "send a photo",
      ]
    case .callMe: ["call", "ring", "ring me", "video", "video call", "show me"]
    case .stop: ["hang up", "hangup", "end", "end call", "stop call", "bye"]
    case .viewers: ["who is watching", "who watches"]
    case .who: ["who may watch", "who is allowed", "who can watch"]
    case .stopAll: ["hang up all", "stop everybody", "stop everyone"]
    case .restart: ["reopen", "restart camera", "restart the camera"]
    case .check: ["test", "check network", "check the network"]
    case .mute: ["quiet", "silence"]
    case .allow, .forbid, .volume, .unmute, .bitrate, .picture, .control: []
    }
  }

  init?(node: String) {
    guard let command = Self.allCases.first(where: { $0.node == node }) else { return nil }
    self = command
  }

  var node: String { rawValue.split(separator: " ").joined(separator: "-") }

  /// The lowest role that may give the command.
  var role: AccessList.Role {
    switch self {
    case .help, .status, .snapshot, .callMe, .stop: .viewer
    case .volume, .mute, .unmute, .viewers, .who, .allow, .forbid, .stopAll, .restart, .check, .bitrate, .picture,
      .control:
      .admin
    }
  }

  /// Asks for more than its name, for which a menu has a form.
  var hasForm: Bool {
    switch self {
    case .allow, .forbid, .volume, .bitrate, .picture, .control: true
    case .help, .status, .snapshot, .callMe, .stop, .mute, .unmute, .viewers, .who, .stopAll, .restart, .check:
      false
    }
  }

  /// What is written in a chat; nil if a form alone can ask for what it needs.
  var spoken: String? {
    switch self {
    case .allow, .forbid: "\(rawValue) user@domain"
    case .volume: "volume 0 to 100"
    default: hasForm ? nil : rawValue
    }
  }

  /// In a menu, or behind its name.
  var purpose: String {
    switch self {
    case .help: "Lists what you can ask for"
    case .status: "Tells how the camera is doing"
    case .snapshot: "Sends a picture"
    case .callMe: "Calls you and shows the picture"
    case .stop: "Ends your call"
    case .volume: "Sets the volume of the loudspeaker"
    case .mute: "Mutes the loudspeaker"
    case .unmute: "Turns the loudspeaker on again"
    case .viewers: "Lists who is watching"
    case .who: "Lists who may watch"
    case .allow: "Lets somebody watch"
    case .forbid: "Lets somebody watch no longer"
    case .stopAll: "Ends everybody's call"
    case .restart: "Closes and reopens the camera"
    case .check: "Tests the network path to viewers, in up to 30 seconds"
    case .bitrate: "Sets the bitrate"
    case .picture: "Sets the size and the frame rate"
    case .control: "Sets a control of the camera"
    }
  }

  /// Asks for what only a loudspeaker can do.
  private var needsSpeaker: Bool { [.volume, .mute, .unmute].contains(self) }

  private static func all(hasSpeaker: Bool) -> [CameraCommand] { allCases.filter { hasSpeaker || !$0.needsSpeaker } }

  /// What a client's menu has, where there is no need for help.
  static func menu(hasSpeaker: Bool) -> [AdHocCommands.Command] {
    all(hasSpeaker: hasSpeaker).filter { $0 != .help }.map { AdHocCommands.Command(node: $0.node, name: $0.purpose) }
  }

  /// The number that a chat has behind `volume`; nil if it is another command, or no number.
  static func spokenVolume(_ text: String) -> String? {
    guard text.utf8.count <= maximumLength else { return nil }
    let words = text.lowercased().split(whereSeparator: \.isWhitespace)
    return words.count == 2 && words[0] == CameraCommand.volume.rawValue ? String(words[1]) : nil
  }

  /// - Parameter hasSpeaker: whether there is a loudspeaker.
  static func spoken(by role: AccessList.Role, hasSpeaker: Bool) -> [CameraCommand] {
    all(hasSpeaker: hasSpeaker).filter { $0.role <= role && $0.spoken != nil }
  }

  /// For who wrote what is none of them.
  static func hint(for role: AccessList.Role, hasSpeaker: Bool) -> String {
    "I do not understand that. \(offer(for: role, hasSpeaker: hasSpeaker))"
  }

  /// For who has greeted the camera.
  static func offer(for role: AccessList.Role, hasSpeaker: Bool) -> String {
    let names = spoken(by: role, hasSpeaker: hasSpeaker).map(\.rawValue).joined(separator: ", ")
    return "You can write: \(names)."
  }

  static func help(for role: AccessList.Role, hasSpeaker: Bool) -> String {
    spoken(by: role, hasSpeaker: hasSpeaker).map { "\($0.spoken ?? $0.rawValue): \($0.purpose)" }.joined(
      separator: "\n")
      + (role == .admin ? "\nSettings are in your client's menu of commands." : "")
  }
}
