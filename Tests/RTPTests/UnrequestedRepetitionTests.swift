import NIOCore
import RTP
import Testing

@Suite("Packets that are sent twice, because key frames are requested again and again")
struct UnrequestedRepetitionTests {
  /// Sends a key frame each second, of which the peer requests another 0.6 s later.
  private static func repeatsPackets(
    _ configuration: RTPStreamConfiguration = .plain, roundTrip: Double = 0.1, _ request: (UInt8) -> RTCPPacket
  ) -> Bool {
    var stream = VP8Stream(configuration)
    for second in 0..<3 as Range<Int64> {
      stream.send(100, at: second * 1000, isKeyFrame: true)
      stream.receive(
        [request(UInt8(second))], roundTrip: roundTrip, now: .test(milliseconds: second * 1000 + 600))
    }
    return stream.repeatsPackets(now: .test(milliseconds: 3000))
  }

  @Test("whether by PLI or by FIR")
  func requests() {
    #expect(Self.repeatsPackets { _ in RTPStreamFeedbackTests.pli() })
    #expect(Self.repeatsPackets { RTPStreamFeedbackTests.fir($0) })
  }

  @Test("but not by a FIR that is repeated")
  func repeatedCommand() {
    #expect(!Self.repeatsPackets { _ in RTPStreamFeedbackTests.fir(1) })
  }

  @Test("but not before two round trips are over")
  func distance() {
    #expect(Self.repeatsPackets(roundTrip: 0.29) { _ in RTPStreamFeedbackTests.pli() })
    #expect(!Self.repeatsPackets(roundTrip: 0.31) { _ in RTPStreamFeedbackTests.pli() })
  }

  @Test("but not to a peer that can request packets with RTX")
  func retransmissionStream() {
    #expect(!Self.repeatsPackets(.withRTX) { _ in RTPStreamFeedbackTests.pli() })
  }
}
