import Testing
import XMPP

@testable import Diagnosis

@Suite("What a doctor says of the clock")
struct ClockReadingTests {
  @Test("the server's time goes before what the kernel says", arguments: [0, 5, -5])
  func right(offset: Int64) {
    for isSynchronized in [true, false, nil] {
      let finding = ClockReading(serverOffset: offset, isSynchronized: isSynchronized).finding
      #expect(finding.level == .ok && finding.text.contains("server"))
    }
  }

  @Test("a little off is a warning, and so much that credentials lapse a problem")
  func wrong() {
    let behind = ClockReading(serverOffset: 90, isSynchronized: true).finding
    #expect(behind.level == .warning && behind.text.contains("90 s behind"))
    let ahead = ClockReading(serverOffset: -7_200, isSynchronized: false).finding
    #expect(ahead.cause == .clock && ahead.text.contains("2 h ahead"))
    #expect(ahead.fix?.contains("timedatectl") == true)
  }

  @Test("however wrong the server's is", arguments: ["0000-01-01T00:00:00+23:59", "9999-12-31T23:59:60-23:59"])
  func absurd(time: String) throws {
    let offset = try #require(DateTime.secondsSince1970(time)) - 1_767_225_600
    #expect(ClockReading(serverOffset: offset, isSynchronized: nil).finding.cause == .clock)
  }

  @Test("without a server the kernel knows, or nobody")
  func alone() {
    #expect(ClockReading(serverOffset: nil, isSynchronized: true).finding.level == .ok)
    let loose = ClockReading(serverOffset: nil, isSynchronized: false).finding
    #expect(loose.level == .warning && loose.fix?.contains("timedatectl") == true)
    #expect(ClockReading(serverOffset: nil, isSynchronized: nil).finding.level == .warning)
  }
}
