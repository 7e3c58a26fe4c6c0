import Glibc

/// Lines of a terminal that are drawn again in the same place.
struct LiveScreen {
  private var drawn = 0

  /// Whether standard output is a terminal.
  static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// Whether it is one on which the cursor can be moved.
  static var isPossible: Bool {
    isTerminal && getenv("TERM").map { String(cString: $0) } != "dumb"
  }

  /// The terminal's columns and rows; 80 by 24 if it does not say.
  static var size: (columns: Int, rows: Int) {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// What draws `lines` over those that were drawn last.
  ///
  /// - Parameter rows: of the terminal, of which the last is the cursor's; lines that do not fit are left out.
  mutating func text(_ lines: [String], rows: Int) -> String {
    let lines = lines.prefix(max(1, rows - 1))
    // Cursor up, and erase to the end of the screen (ECMA-48 sections 8.3.22 and 8.3.39).
    let start = drawn > 0 ? "\r\u{1b}[\(min(drawn, rows - 1))A\u{1b}[J" : ""
    drawn = lines.count
    // The terminal cuts what is wider than it: letters such as CJK ones take two columns, and rows that wrap are not counted.
    return start + "\u{1b}[?7l" + lines.joined(separator: "\n") + "\u{1b}[?7h"
  }
}
