import NIOCore
import Testing

@testable import Account

@Suite("What ends each stream soon after its login")
struct RecurringBreakTests {
  private var breaks = RecurringBreak()

  /// - Parameter sender: whose stanza it was.
  private mutating func end(_ sender: String?, after seconds: Int64 = 1) -> RecurringBreak.Finding? {
    breaks.streamEnded(by: .init(sender: sender), after: .seconds(seconds))
  }

  @Test("is recognized the third time, and told once with its sender")
  mutating func third() {
    #expect((0..<5).map { _ in end("eve@example.net/x") } == [nil, nil, .init(sender: "eve@example.net/x"), nil, nil])
    #expect(breaks.isRecognized && breaks.senders == ["eve@example.net/x"])
  }

  @Test("is not what ends a stream now and then, or otherwise")
  mutating func otherwise() {
    for _ in 0..<3 {
      #expect(end("eve@example.net") == nil && end("eve@example.net") == nil)
      // It lasted.
      #expect(end("eve@example.net", after: 31) == nil)
      #expect(end("eve@example.net") == nil && end("eve@example.net") == nil)
      // A network that comes and goes.
      #expect(breaks.streamEnded(by: nil, after: .seconds(1)) == nil)
    }
    #expect(!breaks.isRecognized && breaks.senders.isEmpty)
  }

  @Test("is several people's, of whom the others are recognized at once from then on, also after a good stream")
  mutating func several() {
    #expect([end("a@b"), end("c@d"), end("a@b")] == [nil, nil, .init(sender: "a@b")])
    #expect(breaks.senders == ["a@b", "c@d"])
    #expect(breaks.streamEnded(by: nil, after: .hours(1)) == nil)
    #expect([end("e@f"), end("e@f")] == [.init(sender: "e@f"), nil])
    #expect(breaks.isRecognized && breaks.senders == ["a@b", "c@d", "e@f"])
  }

  @Test("may be of nobody, and is told once then too")
  mutating func nobody() {
    #expect((0..<4).map { _ in end(nil) } == [nil, nil, .init(sender: nil), nil])
    #expect(breaks.isRecognized && breaks.senders.isEmpty)
  }

  @Test("is of no more people than one can remember")
  mutating func bounded() {
    let findings = (0..<1000).compactMap { end("\($0)@example.net") }
    #expect(findings.count == 14 && breaks.senders.count == 16)
  }
}
