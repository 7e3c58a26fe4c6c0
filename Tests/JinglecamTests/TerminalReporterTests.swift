import Call
import TestSupport
import Testing

@testable import jinglecam

@Suite("The line of a call on a terminal")
struct TerminalReporterTests {
  @Test("says what limits the picture")
  func limited() {
    #expect(
      TerminalReporter.line(.sample())
        == "streaming  640x360, the network allows 480 kbit/s  22 fps  440 kbit/s  rtt 40 ms  loss 2 %  direct")
    // By a REMB the encoder's target is all that is known.
    #expect(TerminalReporter.line(.sample(hasFeedback: false)).contains("the network allows 440 kbit/s"))
    var slow = CallStatistics.sample()
    slow.outboundRTP.qualityLimitationReason = "cpu"
    #expect(TerminalReporter.line(slow).contains("640x360, this computer is too slow for more"))
  }

  @Test("says nothing of it where nothing limits the picture")
  func unlimited() {
    var statistics = CallStatistics.sample()
    statistics.outboundRTP.qualityLimitationReason = "none"
    statistics.remoteInboundRTP = nil
    #expect(TerminalReporter.line(statistics) == "streaming  22 fps  440 kbit/s  rtt 50 ms  direct")
  }
}
