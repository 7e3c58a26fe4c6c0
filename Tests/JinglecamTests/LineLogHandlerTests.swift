import Foundation
import Logging
import Testing

@testable import jinglecam

@Suite("A line of the log")
struct LineLogHandlerTests {
  private func event(_ text: String) -> LogEvent {
    LogEvent(
      level: .notice, message: "\(text)", metadata: nil, source: "Streamer", file: #fileID, function: #function,
      line: #line)
  }

  @Test("for people has time, level, message and fields, whose line it is first and the session last")
  func text() {
    let handler = LineLogHandler(format: .text, isForJournal: false)
    let line = handler.text(of: event("online"), ["sid": "1", "cause": "a b", "jid": "cam@example.net"])
    #expect(
      line.wholeMatch(
        of: #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} notice online jid=cam@example.net cause="a b" sid=1/#)
        != nil, "\(line)")
  }

  @Test("for systemd's journal begins with its level; the journal has the time and the program's name")
  func journal() {
    let handler = LineLogHandler(format: .text, isForJournal: true)
    #expect(handler.text(of: event("online"), ["sid": "1"]) == "<5>online sid=1")
  }

  @Test(
    "has quotation marks around a value that would not end at the next space",
    arguments: [
      ("", #"x="""#), ("a", "x=a"), ("a b", #"x="a b""#), ("a=b", #"x="a=b""#), (#"a"b"#, #"x="a\"b""#),
      (#"a \" b"#, #"x="a \\\" b""#), (#"a\b"#, #"x=a\b"#), ("a\tb", #"x="a b""#),
    ])
  func quotation(value: String, field: String) {
    let handler = LineLogHandler(format: .text, isForJournal: true)
    #expect(handler.text(of: event("online"), ["x": "\(value)"]) == "<5>online \(field)")
  }

  @Test("goes to the journal where the descriptor is the one that JOURNAL_STREAM names")
  func journalStream() throws {
    var status = stat()
    try #require(fstat(STDIN_FILENO, &status) == 0)
    #expect(Journal.isStream(STDIN_FILENO, named: "\(status.st_dev):\(status.st_ino)"))
    #expect(!Journal.isStream(STDIN_FILENO, named: "\(status.st_dev):\(status.st_ino + 1)"))
    #expect(!Journal.isStream(STDIN_FILENO, named: nil) && !Journal.isStream(-1, named: "0:0"))
  }

  @Test("cannot be forged by what others say, nor command the terminal")
  func forgery() {
    let handler = LineLogHandler(format: .text, isForJournal: false)
    let line = handler.text(of: event("a\nb"), ["cause": "x\r\n2026 notice forged\u{1b}[2J"])
    #expect(!line.unicodeScalars.contains { $0.value < 32 })
  }

  @Test("for programs is one object, with the fields apart")
  func json() throws {
    struct Line: Decodable, Equatable {
      let type: String
      let level: String
      let text: String
      let metadata: [String: String]?
    }
    let handler = LineLogHandler(format: .json, isForJournal: false)
    let line = try #require(handler.json(of: event("a \"b\"\nc"), ["jid": "cam@example.net/x"]))
    #expect(!line.contains("\n") && line.contains("\"timestamp\":1"))
    #expect(
      try JSONDecoder().decode(Line.self, from: Data(line.utf8))
        == Line(type: "log", level: "notice", text: "a \"b\"\nc", metadata: ["jid": "cam@example.net/x"]))
  }
}
