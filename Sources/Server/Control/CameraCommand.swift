import Settings
import XMPP

/// What a camera can be asked for: in a chat by its name, from a client's menu by its node (XEP-0050).
enum CameraCommand: String, CaseIterable, Sendable {
  case help
  case status
  case snapshot
  case callMe = "call me"
  case stop
  case viewers
  case stopAll = "stop all"
  case restart
  case check
  case bitrate
  case picture = "size and rate"
  case control = "camera control"

  /// The most bytes of UTF-8 that a command may have; longer text is not looked at.
  static let maximumLength = 64

  /// What a person wrote; case and white space do not matter.
  init?(spoken text: String) {
    guard text.utf8.count <= Self.maximumLength else { return nil }
    let words = text.lowercased().split(whereSeparator: \.isWhitespace)
    self.init(rawValue: words.joined(separator: " "))
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
    case .viewers, .stopAll, .restart, .check, .bitrate, .picture, .control: .admin
    }
  }

  /// Asks for more than its name, which a chat has no form for.
  var hasForm: Bool {
    switch self {
    case .bitrate, .picture, .control: true
    case .help, .status, .snapshot, .callMe, .stop, .viewers, .stopAll, .restart, .check: false
    }
  }

  /// In a menu, or behind its name.
  var purpose: String {
    switch self {
    case .help: "What this camera can be asked for"
    case .status: "How the camera is"
    case .snapshot: "Take a picture and send it"
    case .callMe: "Call me and show the picture"
    case .stop: "Hang up"
    case .viewers: "Who watches"
    case .stopAll: "Hang up on everybody"
    case .restart: "Open the camera anew"
    case .check: "Check the way to its viewers, in up to 30 seconds"
    case .bitrate: "Set the bitrate"
    case .picture: "Set the picture's size and rate"
    case .control: "Set a control of the camera"
    }
  }

  /// What a client's menu has, where there is no need for help.
  static let menu = allCases.filter { $0 != .help }.map { AdHocCommands.Command(node: $0.node, name: $0.purpose) }

  static func spoken(by role: AccessList.Role) -> [CameraCommand] {
    allCases.filter { $0.role <= role && !$0.hasForm }
  }

  static func help(for role: AccessList.Role) -> String {
    spoken(by: role).map { "\($0.rawValue): \($0.purpose)" }.joined(separator: "\n")
      + (role == .admin ? "\nSettings are in your client's menu of commands." : "")
  }
}
