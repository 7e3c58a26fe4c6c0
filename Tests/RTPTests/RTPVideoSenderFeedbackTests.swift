import NIOCore
import RTP
import Testing

@Suite("RTP video sender: key frame requests, REMB, receiver reports")
struct RTPVideoSenderFeedbackTests {
  static func pli(_ ssrc: UInt32 = videoSSRC) -> RTCPPacket {
    .pictureLossIndication(PictureLossIndication(senderSSRC: viewerSSRC, mediaSSRC: ssrc))
  }

  static func fir(_ sequenceNumber: UInt8, ssrc: UInt32 = videoSSRC, from sender: UInt32 = viewerSSRC) -> RTCPPacket {
    .fullIntraRequest(
      FullIntraRequest(senderSSRC: sender, entries: [.init(ssrc: ssrc, sequenceNumber: sequenceNumber)]))
  }

  @Test("a PLI asks for a key frame at once")
  func pictureLossIndication() {
    var sender = RTPVideoSender()
    sender.receive(Self.pli(), now: .test(milliseconds: 0))
    #expect(sender.events() == [.keyFrameRequested])
    #expect(sender.events() == [])
    #expect(sender.statistics.pliCount == 1)
  }

  @Test("a second one within 300 ms waits for their end and is not forgotten; a hundred make one")
  func limited() {
    var sender = RTPVideoSender()
    sender.receive(Self.pli(), now: .test(milliseconds: 0))
    _ = sender.events()
    for millisecond in 1...100 as ClosedRange<Int64> {
      sender.receive(Self.pli(), now: .test(milliseconds: millisecond))
      sender.handleTimeout(now: .test(milliseconds: millisecond))
    }
    #expect(sender.events() == [])
    #expect(sender.deadline == .test(milliseconds: 300))
    sender.handleTimeout(now: .test(milliseconds: 299))
    #expect(sender.events() == [])
    sender.handleTimeout(now: .test(milliseconds: 300))
    #expect(sender.events() == [.keyFrameRequested])
    #expect(sender.deadline == nil)
    sender.handleTimeout(now: .test(milliseconds: 1000))
    #expect(sender.events() == [])
    #expect(sender.statistics.pliCount == 101)
  }

  @Test("the one that waited counts for the next 300 ms")
  func limitedAgain() {
    var sender = RTPVideoSender()
    sender.receive(Self.pli(), now: .test(milliseconds: 0))
    sender.receive(Self.pli(), now: .test(milliseconds: 100))
    sender.handleTimeout(now: .test(milliseconds: 300))
    #expect(sender.events() == [.keyFrameRequested])
    sender.receive(Self.pli(), now: .test(milliseconds: 599))
    #expect(sender.events() == [])
    sender.receive(Self.pli(), now: .test(milliseconds: 600))
    #expect(sender.events() == [.keyFrameRequested])
  }

  @Test("a key frame sent meanwhile answers the request that waits; other frames do not")
  func answered() {
    var sender = RTPVideoSender()
    sender.receive(Self.pli(), now: .test(milliseconds: 0))
    _ = sender.events()
    sender.receive(Self.pli(), now: .test(milliseconds: 100))
    sender.send(100, at: 150)
    #expect(sender.deadline != nil)
    sender.send(100, at: 190, isKeyFrame: true)
    sender.handleTimeout(now: .test(milliseconds: 300))
    #expect(sender.events().contains(.keyFrameRequested) == false)
  }

  @Test("a key frame that nobody asked for does not delay the first request: viewers often miss the first one")
  func firstKeyFrameLost() {
    var sender = RTPVideoSender()
    sender.send(100, at: 0, isKeyFrame: true)
    sender.receive(Self.pli(), now: .test(milliseconds: 100))
    #expect(sender.events().contains(.keyFrameRequested))
  }

  @Test("a FIR with media SSRC 0 is for whom its entry names; a repeated command is no new one")
  func fullIntraRequest() throws {
    var sender = RTPVideoSender()
    let datagram = ByteBuffer(hex: "84CE0006 12345678 00000000 00000001 09000000 DEADBEEF 05000000")
    for millisecond in [0, 1000, 2000] as [Int64] {
      for packet in try RTCPPacket.parse(datagram) {
        sender.receive(packet, now: .test(milliseconds: millisecond))
      }
      #expect(sender.events() == (millisecond == 0 ? [.keyFrameRequested] : []))
    }
    sender.receive(Self.fir(6), now: .test(milliseconds: 3000))
    #expect(sender.events() == [.keyFrameRequested])
    sender.receive(Self.fir(6, from: 99), now: .test(milliseconds: 4000))
    #expect(sender.events() == [.keyFrameRequested])
    #expect(sender.statistics.firCount == 5)
  }

  @Test("PLI and FIR share one limit")
  func sharedLimit() {
    var sender = RTPVideoSender()
    sender.receive(Self.fir(1), now: .test(milliseconds: 0))
    sender.receive(Self.pli(), now: .test(milliseconds: 10))
    sender.receive(Self.fir(2), now: .test(milliseconds: 20))
    #expect(sender.events() == [.keyFrameRequested])
    #expect(sender.deadline == .test(milliseconds: 300))
  }

  @Test("what is meant for another stream does nothing")
  func others() {
    var sender = RTPVideoSender()
    sender.receive(Self.pli(0), now: .test(milliseconds: 0))
    sender.receive(Self.pli(1), now: .test(milliseconds: 0))
    sender.receive(Self.fir(1, ssrc: 0), now: .test(milliseconds: 0))
    let remb = ReceiverEstimatedMaximumBitrate(senderSSRC: viewerSSRC, bitrate: 1000, ssrcs: [1, 2])
    sender.receive(.receiverEstimatedMaximumBitrate(remb), now: .test(milliseconds: 0))
    let block = ReportBlock(
      ssrc: 1, fractionLost: 255, packetsLost: 1, extendedHighestSequenceNumber: 0, jitter: 0, lastSenderReport: 0,
      delaySinceLastSenderReport: 0)
    sender.receive(.receiverReport(ReceiverReport(ssrc: 1, reportBlocks: [block])), now: .test(milliseconds: 0))
    #expect(sender.events() == [])
    #expect(sender.remoteStatistics == nil)
    #expect(sender.statistics == OutboundRTPStatistics())
  }

  @Test("a REMB for this stream caps the bitrate, told when it changes, the latest alone")
  func remb() {
    var sender = RTPVideoSender()
    func receive(_ bitrate: Int, _ ssrcs: [UInt32] = [1, videoSSRC]) {
      let remb = ReceiverEstimatedMaximumBitrate(senderSSRC: viewerSSRC, bitrate: bitrate, ssrcs: ssrcs)
      sender.receive(.receiverEstimatedMaximumBitrate(remb), now: .test(milliseconds: 0))
    }
    receive(500_000)
    #expect(sender.events() == [.maximumBitrate(500_000)])
    receive(500_000)
    #expect(sender.events() == [])
    receive(400_000)
    receive(300_000, [])
    #expect(sender.events() == [.maximumBitrate(300_000)])
  }

  @Test("a report gives losses with their sign, jitter in seconds and the round trip by LSR and DLSR")
  func receiverReport() {
    var sender = RTPVideoSender()
    sender.send(100, at: 0)
    let wallClock = NTPTimestamp(secondsSince1970: 1_700_000_000, nanoseconds: 0)
    _ = sender.report(now: .test(milliseconds: 1000), wallClock: wallClock)
    var block = ReportBlock(
      ssrc: videoSSRC, fractionLost: 64, packetsLost: -1, extendedHighestSequenceNumber: 1, jitter: 900,
      lastSenderReport: wallClock.middle, delaySinceLastSenderReport: 0x8000)
    sender.receive(
      .receiverReport(ReceiverReport(ssrc: viewerSSRC, reportBlocks: [block])), now: .test(milliseconds: 1580))
    #expect(sender.remoteStatistics?.packetsLost == -1)
    #expect(sender.remoteStatistics?.fractionLost == 0.25)
    #expect(sender.remoteStatistics?.jitter == 0.01)
    #expect(sender.remoteStatistics?.roundTripTime == .milliseconds(80))
    block.packetsLost = 3
    block.delaySinceLastSenderReport = 0x1_0000
    let report = SenderReport(
      ssrc: viewerSSRC, ntpTimestamp: wallClock, rtpTimestamp: 0, packetCount: 0, octetCount: 0, reportBlocks: [block])
    sender.receive(.senderReport(report), now: .test(milliseconds: 2120))
    #expect(sender.remoteStatistics?.packetsLost == 3)
    #expect(sender.remoteStatistics?.roundTripTime == .milliseconds(120))
    #expect(sender.remoteStatistics?.totalRoundTripTime == .milliseconds(200))
    #expect(sender.remoteStatistics?.roundTripTimeMeasurements == 2)
    #expect(sender.remoteStatistics?.reportsReceived == 2)
  }

  @Test(
    "no round trip is measured from no report, an invented one, or one held longer than it exists",
    arguments: [(UInt32(0), UInt32(0)), (0x1234_5678, 0), (1, 0xFFFF_FFFF), (1, 66_000)])
  func bogusRoundTrip(lastSenderReport: UInt32, delay: UInt32) {
    var sender = RTPVideoSender()
    sender.send(100, at: 0)
    _ = sender.report(now: .test(milliseconds: 0), wallClock: NTPTimestamp(rawValue: 1 << 16))
    let block = ReportBlock(
      ssrc: videoSSRC, fractionLost: 0, packetsLost: 0, extendedHighestSequenceNumber: 1, jitter: .max,
      lastSenderReport: lastSenderReport, delaySinceLastSenderReport: delay)
    sender.receive(
      .receiverReport(ReceiverReport(ssrc: viewerSSRC, reportBlocks: [block])), now: .test(milliseconds: 1000))
    #expect(sender.remoteStatistics?.roundTripTime == nil)
    #expect(sender.remoteStatistics?.reportsReceived == 1)
  }

  @Test("in a call of days a round trip is measured from the latest sixteen reports alone", arguments: [true, false])
  func reportsForgotten(isLate: Bool) {
    var sender = RTPVideoSender()
    for second in 0..<17 as Range<Int64> {
      sender.send(100, at: second * 1000)
      let wallClock = NTPTimestamp(rawValue: UInt64(second + 1) << 16)
      _ = sender.report(now: .test(milliseconds: second * 1000), wallClock: wallClock)
    }
    let block = ReportBlock(
      ssrc: videoSSRC, fractionLost: 0, packetsLost: 0, extendedHighestSequenceNumber: 1, jitter: 0,
      lastSenderReport: isLate ? 1 : 2, delaySinceLastSenderReport: 0)
    sender.receive(
      .receiverReport(ReceiverReport(ssrc: viewerSSRC, reportBlocks: [block])), now: .test(milliseconds: 17_000))
    #expect(sender.remoteStatistics?.roundTripTime == (isLate ? nil : .seconds(16)))
  }

  @Test("the rounding of DLSR on a fast path gives zero, not nothing")
  func loopbackRoundTrip() {
    var sender = RTPVideoSender()
    sender.send(100, at: 0)
    _ = sender.report(now: .test(milliseconds: 0), wallClock: NTPTimestamp(rawValue: 1 << 16))
    let block = ReportBlock(
      ssrc: videoSSRC, fractionLost: 0, packetsLost: 0, extendedHighestSequenceNumber: 1, jitter: 0,
      lastSenderReport: 1, delaySinceLastSenderReport: 65_550)
    sender.receive(
      .receiverReport(ReceiverReport(ssrc: viewerSSRC, reportBlocks: [block])), now: .test(milliseconds: 1000))
    #expect(sender.remoteStatistics?.roundTripTime == .zero)
  }
}
