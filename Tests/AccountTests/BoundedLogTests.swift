import NIOCore
import TestSupport
import Testing

@testable import Account

@Suite("Lines of the log that others can cause")
struct BoundedLogTests {
  @Test("are ten at once and one a minute then, which tells how many there would have been")
  func bound() {
    let collector = LogCollector()
    var log = BoundedLog(logger: collector.logger)
    var clock = ManualClock()
    for number in 0..<1000 { log.write(.notice, "refused", ["jid": "\(number)"], now: clock.now) }
    #expect(collector.lines == (0..<10).map { "refused jid=\($0)" })
    clock.advance(by: .minutes(1))
    for _ in 0..<5 { log.write(.notice, "refused", ["jid": "x"], now: clock.now) }
    #expect(collector.lines.dropFirst(10) == ["refused jid=x omitted=990"])
    clock.advance(by: .minutes(1))
    log.write(.notice, "refused", now: clock.now)
    #expect(collector.lines.last == "refused omitted=4")
    clock.advance(by: .minutes(60))
    for _ in 0..<11 { log.write(.notice, "refused", now: clock.now) }
    #expect(collector.lines.count == 22 && collector.lines.last == "refused")
  }

  @Test("of one kind do not keep those of another back")
  func kinds() {
    let collector = LogCollector()
    var log = BoundedLog(logger: collector.logger)
    let now = ManualClock().now
    for _ in 0..<20 { log.write(.notice, "refused", ["reason": "stranger"], kind: "stranger", now: now) }
    log.write(.notice, "refused", ["reason": "full"], kind: "full", now: now)
    log.write(.warning, "dropped", now: now)
    #expect(collector.lines.suffix(2) == ["refused reason=full", "dropped"] && collector.lines.count == 12)
  }
}
