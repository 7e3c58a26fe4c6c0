import Glibc

/// Colours, where a terminal has them and nobody asked for none (https://no-color.org).
struct TextStyle: Sendable {
  enum Colour: String, Sendable {
    // SGR parameters (ECMA-48 section 8.3.117).
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
  }

  let isColoured: Bool

  static let plain = TextStyle(isColoured: false)

  init(isColoured: Bool) {
    self.isColoured = isColoured
  }

  /// Of standard output.
  static var output: TextStyle {
    TextStyle(
      isTerminal: LiveScreen.isTerminal, environment: { name in getenv(name).map { String(cString: $0) } })
  }

  init(isTerminal: Bool, environment: (String) -> String?) {
    // "when present and not an empty string (regardless of its value)"
    isColoured = isTerminal && environment("NO_COLOR")?.isEmpty != false && environment("TERM") != "dumb"
  }

  func callAsFunction(_ text: String, _ colour: Colour) -> String {
    isColoured && !text.isEmpty ? "\u{1b}[\(colour.rawValue)m\(text)\u{1b}[0m" : text
  }
}
