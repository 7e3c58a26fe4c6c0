import Logging
import TestSupport
import Testing

@testable import Server

@Suite("The last lines of the log")
struct RecentEventsTests {
  private let log = LogCollector()
  private let events = RecentEvents()

  @Test("are as many as a person reads, the newest at the end")
  func ring() {
    let logger = events.following(log.logger)
    for number in 0..<50 { logger.notice("line \(number)") }
    #expect(events.all.map(\.text) == (30..<50).map { "line \($0)" })
    #expect(log.lines.count == 50)
  }

  @Test("have the level, and what the logger knows besides")
  func fields() {
    var logger = events.following(log.logger)
    logger[metadataKey: "jid"] = "ann@example.net"
    logger.warning("call ended", metadata: ["outcome": "failed"])
    #expect(events.all.count == 1)
    #expect(events.all.first?.level == "warning")
    #expect(events.all.first?.metadata == ["jid": "ann@example.net", "outcome": "failed"])
  }

  @Test("are none of the details that are logged on request")
  func levels() {
    var logger = events.following(log.logger)
    logger.logLevel = .debug
    logger.info("detail")
    logger.debug("detail")
    #expect(events.all.isEmpty)
  }

  @Test("are bounded, and command no terminal")
  func hostile() {
    let logger = events.following(log.logger)
    logger.notice("\(String(repeating: "x", count: 5_000))", metadata: ["jid": "\u{1b}[2Jann\u{202e}"])
    #expect(events.all.first?.text.count == 300)
    #expect(events.all.first?.metadata["jid"] == "[2Jann")
  }
}
