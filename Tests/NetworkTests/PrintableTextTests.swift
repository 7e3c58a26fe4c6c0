import Testing

@testable import Network

@Suite("What others wrote, on a terminal")
struct PrintableTextTests {
  @Test(
    "drops what commands a terminal or turns its letters around",
    arguments: [
      "\u{0}", "\u{7}", "\u{8}", "\u{1B}", "\u{7F}", "\u{80}", "\u{9B}", "\u{9D}", "\u{AD}", "\u{200B}", "\u{200E}",
      "\u{202A}", "\u{202E}", "\u{2066}", "\u{2069}", "\u{FEFF}", "\u{E0041}",
    ])
  func dropped(character: String) {
    #expect(PrintableText.from("a\(character)b").unicodeScalars.elementsEqual("ab".unicodeScalars))
  }

  @Test(
    "a line break or a tab becomes a space, so that it stays one line and two words",
    arguments: ["\n", "\r", "\t", "\u{B}", "\u{85}", "\u{2028}", "\u{2029}"])
  func parted(character: String) {
    #expect(PrintableText.from("a\(character)b") == "a b")
  }

  @Test("leaves words of any script as they are")
  func kept() {
    let text = "Zürich 東京 שלום \u{1F600} <&>\u{A0}e\u{301}"
    #expect(PrintableText.from(text).unicodeScalars.elementsEqual(text.unicodeScalars))
  }

  @Test("is no longer than the limit, which what was dropped does not use up")
  func limited() {
    #expect(PrintableText.from("\u{1B}\u{1B}abc", limit: 2) == "ab")
    #expect(PrintableText.from(String(repeating: "x", count: 99_999), limit: 160).count == 160)
  }
}
