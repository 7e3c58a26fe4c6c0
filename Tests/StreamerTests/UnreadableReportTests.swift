import Jingle
import Logging
import NIOConcurrencyHelpers
import Testing

@testable import Streamer

@Suite("What of a peer's stanzas could not be read")
struct UnreadableReportTests {
  @Test("is a line of the log that names it, and so often as the peer may wish a few lines")
  func lines() {
    let lines = NIOLockedValueBox<[String]>([])
    let logger = Logger(label: "test") { _ in ICEServerListTests.Recorder(lines: lines) }
    var report = UnreadableReport()
    report.tell([], to: logger)
    for _ in 0..<100 { report.tell([.missingAttribute("id", of: "payload-type")], to: logger) }
    let told = lines.withLockedValue { $0 }
    #expect(told.count == 8)
    #expect(told.first?.contains("<payload-type/> lacks the attribute 'id'") == true)
  }
}
