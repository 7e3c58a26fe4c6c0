import Testing

@testable import jinglecam

@Suite("A terminal")
struct TerminalTests {
  private static func style(isTerminal: Bool = true, _ environment: [String: String] = [:]) -> TextStyle {
    TextStyle(isTerminal: isTerminal) { environment[$0] }
  }

  @Test("has colours, unless it is none, cannot, or NO_COLOR is set and not empty")
  func colours() {
    #expect(Self.style(["TERM": "xterm"]).isColoured)
    #expect(Self.style(["NO_COLOR": ""]).isColoured)
    #expect(!Self.style(["NO_COLOR": "0"]).isColoured)
    #expect(!Self.style(["TERM": "dumb"]).isColoured)
    #expect(!Self.style(isTerminal: false).isColoured)
    #expect(Self.style()("ok", .green) == "\u{1b}[32mok\u{1b}[0m")
    #expect(Self.style(["NO_COLOR": "1"])("ok", .green) == "ok")
  }

  @Test("is drawn on in the same place again, as far as it has rows, and wraps no row")
  func redraw() {
    var screen = LiveScreen()
    #expect(screen.text(["a", "b", "c"], rows: 24) == "\u{1b}[?7la\nb\nc\u{1b}[?7h")
    #expect(screen.text(["d"], rows: 24) == "\r\u{1b}[3A\u{1b}[J\u{1b}[?7ld\u{1b}[?7h")
    #expect(screen.text((0..<30).map { "\($0)" }, rows: 5) == "\r\u{1b}[1A\u{1b}[J\u{1b}[?7l0\n1\n2\n3\u{1b}[?7h")
    // The terminal became smaller: the cursor goes no further than its first row.
    #expect(screen.text(["e"], rows: 3).hasPrefix("\r\u{1b}[2A\u{1b}[J"))
  }
}
