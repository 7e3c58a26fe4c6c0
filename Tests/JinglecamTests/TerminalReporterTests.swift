import Call
import TestSupport
import Testing

@testable import jinglecam

@Suite("The line of a call on a terminal")
struct TerminalReporterTests {
  private func line(_ statistics: CallStatistics, width: Int = 120) -> String {
    TerminalReporter.line(statistics, width: width)
  }

  @Test("says how long, which size, which rates, and what limits the picture")
  func limited() {
    #expect(
      line(.sample(seconds: 76))
        == "1:16  640x360 22 fps  440 kbit/s  direct  the network allows 480 kbit/s  rtt 40 ms  loss 2 %")
    // By a REMB the encoder's target is all that is known.
    #expect(line(.sample(hasFeedback: false)).contains("the network allows 440 kbit/s"))
    var slow = CallStatistics.sample(seconds: 3661)
    slow.outboundRTP.qualityLimitationReason = "cpu"
    #expect(
      line(slow).hasPrefix("1:01:01  640x360 22 fps") && line(slow).contains("this computer is too slow for more"))
  }

  @Test("says nothing of it if nothing limits the picture")
  func unlimited() {
    var statistics = CallStatistics.sample()
    statistics.outboundRTP.qualityLimitationReason = "none"
    statistics.remoteInboundRTP = nil
    statistics.candidatePair.currentRoundTripTime = 0.0002
    #expect(line(statistics) == "0:01  640x360 22 fps  440 kbit/s  direct  rtt <1 ms")
  }

  @Test("says that a relay is used if a NAT before it hides its address")
  func hiddenRelay() {
    var statistics = CallStatistics.sample()
    statistics.localCandidate?.candidateType = "prflx"
    statistics.localCandidate?.relayProtocol = "udp"
    #expect(line(statistics).contains("  relay  "))
    statistics.localCandidate?.relayProtocol = nil
    #expect(line(statistics).contains("  direct  "))
  }

  @Test("has no more columns than the terminal, and leaves out the least important")
  func narrow() {
    #expect(line(.sample(), width: 80).count <= 80 && !line(.sample(), width: 80).contains("loss"))
    #expect(line(.sample(), width: 40) == "0:01  640x360 22 fps  440 kbit/s  direct")
    #expect(line(.sample(), width: 39) == "0:01  640x360 22 fps  440 kbit/s")
    #expect(line(.sample(), width: 20) == "0:01  640x360 22 fps")
    #expect(line(.sample(), width: 5) == "0:01  640x360 22 fps")
  }
}
