import ArgumentParser
import Network
import Settings

/// Makes one line of what ArgumentParser says of a command line: what is wrong, what was probably meant, and where help is.
/// What may be a password is not repeated.
struct CommandLineAdvice {
  private let command: (any ParsableCommand.Type)?
  private let arguments: [String]

  init(_ arguments: [String]) {
    self.arguments = arguments
    command = arguments.first.flatMap { name in Self.commands.first { $0._commandName == name } }
  }

  private static let commands = JingleCam.configuration.subcommands

  /// What ArgumentParser would misunderstand, or answer with the help of the whole program.
  static func check(_ arguments: [String]) throws {
    // It takes `-clash.mp4` for options of one letter each, with `-h` among them, and answers with the help.
    let word = arguments.prefix { $0 != "--" }.first { $0.hasPrefix("-") && !$0.hasPrefix("--") && $0.count > 2 }
    if let word, Double(word) == nil {
      throw ValidationError("there is no option \(word.prefix(2)); write ./NAME for a file whose name begins with -")
    }
    let name = arguments.first == "help" ? arguments.dropFirst().first : arguments.first
    guard let name, !name.hasPrefix("-"), name != "help", !commands.contains(where: { $0._commandName == name }) else {
      return
    }
    let meant = Spelling.closest(to: name, among: commands.map { $0._commandName })
    throw ValidationError("unknown command '\(name)'" + (meant.map { "; did you mean \($0)?" } ?? ""))
  }

  /// - Parameter message: of ArgumentParser.
  func line(on message: String) -> String {
    let help = [JingleCam._commandName, command?._commandName].compactMap { $0 }.joined(separator: " ")
    return PrintableText.from("\(text(of: message)) (see \(help) --help)")
  }

  private func text(of message: String) -> String {
    if let match = message.firstMatch(of: /^Unknown option '(-[^' =]*)/) { return unknown(String(match.1)) }
    if let match = message.firstMatch(of: /^Missing expected argument '<([^>]*)>'/) {
      return "missing \(match.1.uppercased())\(Self.meaning[String(match.1)].map { ": \($0)" } ?? "")"
    }
    if let match = message.firstMatch(of: /^Missing value for '(--[^ ']*)/) {
      let value = arguments.firstIndex(of: String(match.1)).map { arguments[$0...].dropFirst().first } ?? nil
      return value.flatMap(Double.init) == nil ? "\(match.1) needs a value after it" : "\(match.1) must not be negative"
    }
    if let match = message.firstMatch(of: /^The value '(.*)' is invalid for '(--[^ ']*)/) {
      return "\(match.2) '\(match.1)' is not valid" + (Self.choices(in: message).map { "; choose \($0)" } ?? "")
    }
    if let match = message.firstMatch(of: /^Unexpected argument '(.*)'/) {
      return "'\(match.1)' is one argument too many"
    }
    return Self.oneLine(message)
  }

  private static let meaning = [
    "source": "what to show, such as camera, a video file or pattern", "peer": "whom to call, as user@domain",
  ]

  /// If there are several values to choose from, ArgumentParser lists them in a sentence or one a line.
  private static func choices(in message: String) -> String? {
    let lines = message.split(separator: "\n").map { String($0.drop { " -".contains($0) }) }
    guard lines.count == 1 else { return lines.dropFirst().joined(separator: ", ") }
    let values = message.firstMatch(of: /Please provide (?:one of )?(?:the following: )?(.*?)\.?$/)?.1
    return values.map { $0.filter { $0 != "'" }.replacing(" and ", with: " or ") }
  }

  private static func oneLine(_ message: String) -> String {
    let lines = message.split(separator: "\n").map { String($0.drop { " -".contains($0) }) }
    let sentence = lines.first ?? ""
    return lines.count > 1 ? "\(sentence) \(lines.dropFirst().joined(separator: ", "))" : sentence
  }

  private func unknown(_ option: String) -> String {
    let text = "unknown option \(option)"
    if let advice = Self.otherNames[option] { return "\(text); \(advice)" }
    let elsewhere = Self.commands.first {
      $0._commandName != command?._commandName && Self.options(of: $0).contains(option)
    }
    if let elsewhere { return "\(text); it belongs to jinglecam \(elsewhere._commandName)" }
    let known = command.map(Self.options) ?? []
    return text + (Spelling.closest(to: option, among: known).map { "; did you mean \($0)?" } ?? "")
  }

  /// What other programs call it.
  private static let otherNames = [
    "--password": "set JINGLECAM_PASSWORD, or name a file with --password-file",
    "--framerate": "the frame rate is --fps", "--width": "the size is --size WxH", "--height": "the size is --size WxH",
    "--resolution": "the size is --size WxH", "--hflip": "it is --flip", "--vflip": "it is --rotate 180 --flip",
    "--rotation": "it is --rotate", "--set-ctrl": "it is --control NAME=VALUE", "--timeout": "see --duration",
  ]

  private static func options(of command: any ParsableCommand.Type) -> [String] {
    JingleCam.helpMessage(for: command).matches(of: /(?m)^  (?:-h, )?(--[a-z-]+)/).map { String($0.1) }
  }
}
