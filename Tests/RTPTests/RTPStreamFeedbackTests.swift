import NIOCore
import RTP
import Testing

@Suite("RTP stream: key frame requests, REMB, receiver reports")
struct RTPStreamFeedbackTests {
  static func pli(_ ssrc: UInt32 = videoSSRC) -> RTCPPacket {
    .pictureLossIndication(PictureLossIndication(senderSSRC: viewerSSRC, mediaSSRC: ssrc))
  }

  static func fir(_ sequenceNumber: UInt8, ssrc: UInt32 = videoSSRC, from sender: UInt32 = viewerSSRC) -> RTCPPacket {
    .fullIntraRequest(
      FullIntraRequest(senderSSRC: sender, entries: [.init(ssrc: ssrc, sequenceNumber: sequenceNumber)]))
  }

  @Test("a PLI requests a key frame at once")
  func pictureLossIndication() {
    var stream = VP8Stream()
    stream.receive(Self.pli(), now: .test(milliseconds: 0))
    #expect(stream.events() == [.keyFrameRequested])
    #expect(stream.events() == [])
    #expect(stream.statistics.pliCount == 1)
  }

  @Test("a second PLI within 300 ms is postponed and not dropped, and a hundred PLIs cause one request")
  func limited() {
    var stream = VP8Stream()
    stream.receive(Self.pli(), now: .test(milliseconds: 0))
    _ = stream.events()
    for millisecond in 1...100 as ClosedRange<Int64> {
      stream.receive(Self.pli(), now: .test(milliseconds: millisecond))
      stream.handleTimeout(now: .test(milliseconds: millisecond))
    }
    #expect(stream.events() == [])
    #expect(stream.deadline == .test(milliseconds: 300))
    stream.handleTimeout(now: .test(milliseconds: 299))
    #expect(stream.events() == [])
    stream.handleTimeout(now: .test(milliseconds: 300))
    #expect(stream.events() == [.keyFrameRequested])
    #expect(stream.deadline == nil)
    stream.handleTimeout(now: .test(milliseconds: 1000))
    #expect(stream.events() == [])
    #expect(stream.statistics.pliCount == 101)
  }

  @Test("a postponed request begins a new interval of 300 ms")
  func limitedAgain() {
    var stream = VP8Stream()
    stream.receive(Self.pli(), now: .test(milliseconds: 0))
    stream.receive(Self.pli(), now: .test(milliseconds: 100))
    stream.handleTimeout(now: .test(milliseconds: 300))
    #expect(stream.events() == [.keyFrameRequested])
    stream.receive(Self.pli(), now: .test(milliseconds: 599))
    #expect(stream.events() == [])
    stream.receive(Self.pli(), now: .test(milliseconds: 600))
    #expect(stream.events() == [.keyFrameRequested])
  }

  @Test("a key frame that is sent answers a postponed request, and other frames do not")
  func answered() {
    var stream = VP8Stream()
    stream.receive(Self.pli(), now: .test(milliseconds: 0))
    _ = stream.events()
    stream.receive(Self.pli(), now: .test(milliseconds: 100))
    stream.send(100, at: 150)
    #expect(stream.deadline != nil)
    stream.send(100, at: 190, isKeyFrame: true)
    stream.handleTimeout(now: .test(milliseconds: 300))
    #expect(stream.events().contains(.keyFrameRequested) == false)
  }

  @Test("a key frame that nobody requested does not delay the first request, since viewers often miss the first frame")
  func firstKeyFrameLost() {
    var stream = VP8Stream()
    stream.send(100, at: 0, isKeyFrame: true)
    stream.receive(Self.pli(), now: .test(milliseconds: 100))
    #expect(stream.events().contains(.keyFrameRequested))
  }

  @Test("a FIR applies to the stream in its entry, and a repeated command is ignored")
  func fullIntraRequest() throws {
    var stream = VP8Stream()
    let datagram = ByteBuffer(hex: "84CE0006 12345678 00000000 00000001 09000000 DEADBEEF 05000000")
    for millisecond in [0, 1000, 2000] as [Int64] {
      for packet in try RTCPPacket.parse(datagram) {
        stream.receive(packet, now: .test(milliseconds: millisecond))
      }
      #expect(stream.events() == (millisecond == 0 ? [.keyFrameRequested] : []))
    }
    stream.receive(Self.fir(6), now: .test(milliseconds: 3000))
    #expect(stream.events() == [.keyFrameRequested])
    stream.receive(Self.fir(6, from: 99), now: .test(milliseconds: 4000))
    #expect(stream.events() == [.keyFrameRequested])
    #expect(stream.statistics.firCount == 5)
  }

  @Test("PLI and FIR share one rate limit")
  func sharedLimit() {
    var stream = VP8Stream()
    stream.receive(Self.fir(1), now: .test(milliseconds: 0))
    stream.receive(Self.pli(), now: .test(milliseconds: 10))
    stream.receive(Self.fir(2), now: .test(milliseconds: 20))
    #expect(stream.events() == [.keyFrameRequested])
    #expect(stream.deadline == .test(milliseconds: 300))
  }

  @Test("feedback for another stream has no effect")
  func others() {
    var stream = VP8Stream()
    stream.receive(Self.pli(0), now: .test(milliseconds: 0))
    stream.receive(Self.pli(1), now: .test(milliseconds: 0))
    stream.receive(Self.fir(1, ssrc: 0), now: .test(milliseconds: 0))
    let remb = ReceiverEstimatedMaximumBitrate(senderSSRC: viewerSSRC, bitrate: 1000, ssrcs: [1, 2])
    stream.receive(.receiverEstimatedMaximumBitrate(remb), now: .test(milliseconds: 0))
    let block = ReportBlock(
      ssrc: 1, fractionLost: 255, packetsLost: 1, extendedHighestSequenceNumber: 0, jitter: 0, lastSenderReport: 0,
      delaySinceLastSenderReport: 0)
    stream.receive(.receiverReport(ReceiverReport(ssrc: 1, reportBlocks: [block])), now: .test(milliseconds: 0))
    #expect(stream.events() == [])
    #expect(stream.remoteStatistics == nil)
    #expect(stream.statistics == OutboundRTPStatistics())
  }

  @Test("a REMB limits the bitrate, and only the latest change is reported")
  func remb() {
    var stream = VP8Stream()
    func receive(_ bitrate: Int, _ ssrcs: [UInt32] = [1, videoSSRC]) {
      let remb = ReceiverEstimatedMaximumBitrate(senderSSRC: viewerSSRC, bitrate: bitrate, ssrcs: ssrcs)
      stream.receive(.receiverEstimatedMaximumBitrate(remb), now: .test(milliseconds: 0))
    }
    receive(500_000)
    #expect(stream.events() == [.maximumBitrate(500_000)])
    receive(500_000)
    #expect(stream.events() == [])
    receive(400_000)
    receive(300_000, [])
    #expect(stream.events() == [.maximumBitrate(300_000)])
  }

  @Test("a REMB that is not repeated for five seconds limits nothing any more")
  func rembEnds() {
    var stream = VP8Stream()
    func receive(_ bitrate: Int, at milliseconds: Int64) {
      let remb = ReceiverEstimatedMaximumBitrate(senderSSRC: viewerSSRC, bitrate: bitrate, ssrcs: [videoSSRC])
      stream.receive(.receiverEstimatedMaximumBitrate(remb), now: .test(milliseconds: milliseconds))
    }
    receive(500_000, at: 0)
    receive(500_000, at: 4_000)
    #expect(stream.events() == [.maximumBitrate(500_000)])
    #expect(stream.deadline == .test(milliseconds: 9_000))
    stream.handleTimeout(now: .test(milliseconds: 8_999))
    #expect(stream.events() == [])
    stream.handleTimeout(now: .test(milliseconds: 9_000))
    #expect(stream.events() == [.maximumBitrate(nil)])
    #expect(stream.deadline == nil)
    receive(500_000, at: 10_000)
    #expect(stream.events() == [.maximumBitrate(500_000)])
  }

  @Test("a receiver report yields signed losses, jitter in seconds, and the round-trip time by LSR and DLSR")
  func receiverReport() {
    var stream = VP8Stream()
    stream.send(100, at: 0)
    let wallClock = NTPTimestamp(secondsSince1970: 1_700_000_000, nanoseconds: 0)
    _ = stream.report(now: .test(milliseconds: 1000), wallClock: wallClock)
    var block = ReportBlock(
      ssrc: videoSSRC, fractionLost: 64, packetsLost: -1, extendedHighestSequenceNumber: 1, jitter: 900,
      lastSenderReport: wallClock.middle, delaySinceLastSenderReport: 0x8000)
    stream.receive(
      .receiverReport(ReceiverReport(ssrc: viewerSSRC, reportBlocks: [block])), now: .test(milliseconds: 1580))
    #expect(stream.remoteStatistics?.packetsLost == -1)
    #expect(stream.remoteStatistics?.fractionLost == 0.25)
    #expect(stream.remoteStatistics?.jitter == 0.01)
    #expect(stream.remoteStatistics?.roundTripTime == .milliseconds(80))
    block.packetsLost = 3
    block.delaySinceLastSenderReport = 0x1_0000
    let report = SenderReport(
      ssrc: viewerSSRC, ntpTimestamp: wallClock, rtpTimestamp: 0, packetCount: 0, octetCount: 0, reportBlocks: [block])
    stream.receive(.senderReport(report), now: .test(milliseconds: 2120))
    #expect(stream.remoteStatistics?.packetsLost == 3)
    #expect(stream.remoteStatistics?.roundTripTime == .milliseconds(120))
    #expect(stream.remoteStatistics?.totalRoundTripTime == .milliseconds(200))
    #expect(stream.remoteStatistics?.roundTripTimeMeasurements == 2)
    #expect(stream.remoteStatistics?.reportsReceived == 2)
  }

  @Test(
    "a missing, invented or implausible LSR or DLSR yields no round-trip time",
    arguments: [(UInt32(0), UInt32(0)), (0x1234_5678, 0), (1, 0xFFFF_FFFF), (1, 66_000)])
  func bogusRoundTrip(lastSenderReport: UInt32, delay: UInt32) {
    var stream = VP8Stream()
    stream.send(100, at: 0)
    _ = stream.report(now: .test(milliseconds: 0), wallClock: NTPTimestamp(rawValue: 1 << 16))
    let block = ReportBlock(
      ssrc: videoSSRC, fractionLost: 0, packetsLost: 0, extendedHighestSequenceNumber: 1, jitter: .max,
      lastSenderReport: lastSenderReport, delaySinceLastSenderReport: delay)
    stream.receive(
      .receiverReport(ReceiverReport(ssrc: viewerSSRC, reportBlocks: [block])), now: .test(milliseconds: 1000))
    #expect(stream.remoteStatistics?.roundTripTime == nil)
    #expect(stream.remoteStatistics?.reportsReceived == 1)
  }

  @Test(
    "even after days the round-trip time is measured only from the latest sixteen reports", arguments: [true, false])
  func reportsForgotten(isLate: Bool) {
    var stream = VP8Stream()
    for second in 0..<17 as Range<Int64> {
      stream.send(100, at: second * 1000)
      let wallClock = NTPTimestamp(rawValue: UInt64(second + 1) << 16)
      _ = stream.report(now: .test(milliseconds: second * 1000), wallClock: wallClock)
    }
    let block = ReportBlock(
      ssrc: videoSSRC, fractionLost: 0, packetsLost: 0, extendedHighestSequenceNumber: 1, jitter: 0,
      lastSenderReport: isLate ? 1 : 2, delaySinceLastSenderReport: 0)
    stream.receive(
      .receiverReport(ReceiverReport(ssrc: viewerSSRC, reportBlocks: [block])), now: .test(milliseconds: 17_000))
    #expect(stream.remoteStatistics?.roundTripTime == (isLate ? nil : .seconds(16)))
  }

  @Test("a DLSR that exceeds a short round trip by rounding yields zero")
  func loopbackRoundTrip() {
    var stream = VP8Stream()
    stream.send(100, at: 0)
    _ = stream.report(now: .test(milliseconds: 0), wallClock: NTPTimestamp(rawValue: 1 << 16))
    let block = ReportBlock(
      ssrc: videoSSRC, fractionLost: 0, packetsLost: 0, extendedHighestSequenceNumber: 1, jitter: 0,
      lastSenderReport: 1, delaySinceLastSenderReport: 65_550)
    stream.receive(
      .receiverReport(ReceiverReport(ssrc: viewerSSRC, reportBlocks: [block])), now: .test(milliseconds: 1000))
    #expect(stream.remoteStatistics?.roundTripTime == .zero)
  }
}
