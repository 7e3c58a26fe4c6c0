import NIOCore
import Peer
import RTP
import TestSupport
import Testing

@Suite("Congestion")
struct CongestionTests {
  /// The way from the camera to the viewer: a rate, and a queue that drops what would wait longer than 200 ms.
  private final class Bottleneck {
    var rate: Double
    private var busyUntil = NIODeadline.uptimeNanoseconds(0)
    private(set) var longestWait = TimeAmount.zero
    private(set) var dropped = 0

    init(rate: Double) {
      self.rate = rate
    }

    func install(on call: PeerCall) {
      let network = call.network
      let source = PeerCall.callerAddress(.audio)
      network.isBlocked = { [unowned self] packet in
        guard packet.source == source, wait(network.now) > .milliseconds(200) else { return false }
        dropped += 1
        return true
      }
      network.extraDelay = { [unowned self] packet in
        guard packet.source == source else { return .zero }
        let service = Int64(Double(packet.payload.readableBytes + 28) * 8 / rate * 1e9)
        busyUntil = max(busyUntil, network.now) + .nanoseconds(service)
        longestWait = max(longestWait, wait(network.now))
        return wait(network.now)
      }
    }

    func forgetWaits() {
      longestWait = .zero
    }

    private func wait(_ now: NIODeadline) -> TimeAmount { max(.zero, busyUntil - now) }
  }

  /// Streams at 25 frames a second, each of the size that was asked for last.
  private func stream(_ call: PeerCall, for seconds: Int) {
    for _ in 0..<seconds * 25 {
      let size = min(call.caller.targetBitrate?.bitrate ?? 200_000, 2_500_000) / 8 / 25
      call.stream(frames: 1, keyBytes: 3 * size, deltaBytes: size)
    }
  }

  /// A call that has filled its path goes on at the full frame rate, and nothing waits.
  private func expectNoQueue(before bottleneck: Bottleneck, in call: PeerCall) {
    bottleneck.forgetWaits()
    let before = call.viewer.frames.count
    stream(call, for: 5)
    #expect(call.viewer.frames.count - before >= 120)
    #expect(bottleneck.dropped == 0)
    #expect(bottleneck.longestWait < .milliseconds(80))
  }

  /// A call that has filled its path follows a squeeze, and fills a wider path.
  private func expectAdaptation(to bottleneck: Bottleneck, of call: PeerCall) throws {
    bottleneck.rate = 400e3
    stream(call, for: 2)
    bottleneck.forgetWaits()
    stream(call, for: 5)
    #expect(bottleneck.longestWait < .milliseconds(120))
    #expect((300_000...450_000).contains(try #require(call.caller.connection.availableOutgoingBitrate)))

    bottleneck.rate = 2_000e3
    stream(call, for: 5)
    #expect(try #require(call.caller.connection.availableOutgoingBitrate) > 1_700_000)
  }

  @Test("a call fills a narrow path without a queue, follows a squeeze, and fills the path again")
  func narrow() throws {
    let call = try PeerCall(.init(rtx: true, transportFeedback: true))
    call.start()
    #expect(call.connects())
    call.viewer.nackInterval = .milliseconds(60)
    let bottleneck = Bottleneck(rate: 1_000e3)
    bottleneck.install(on: call)
    stream(call, for: 5)
    expectNoQueue(before: bottleneck, in: call)
    #expect(try #require(call.caller.connection.availableOutgoingBitrate) > 900_000)
    let path = try #require(call.caller.connection.pathStatistics(now: call.network.now))
    let delivered = try #require(path.bytesDelivered)
    let sent = try #require(call.caller.connection.outboundStatistics)
    // Of what was sent all but the last is told of, and headers come on top.
    #expect((0.95...1.2).contains(Double(delivered) / Double(sent.bytesSent)))
    #expect(path.queueDelay < .milliseconds(80) && path.pacerDelay < .milliseconds(80))
    // Each packet waits for a part of the frame interval of 40 ms, more at the beginning.
    let delay = sent.totalPacketSendDelay.nanoseconds / Int64(sent.packetsSent)
    #expect((5_000_000...200_000_000).contains(delay))
    try expectAdaptation(to: bottleneck, of: call)
  }

  @Test(
    "a still scene's path is probed now and then by packets that were sent before, where the viewer tells of arrivals")
  func probes() throws {
    for hasFeedback in [true, false] {
      let call = try PeerCall(.init(rtx: true, transportFeedback: hasFeedback))
      call.start()
      #expect(call.connects())
      call.viewer.keepsPackets = true
      let bottleneck = Bottleneck(rate: 1_000e3)
      defer { withExtendedLifetime(bottleneck) {} }
      bottleneck.install(on: call)
      stream(call, for: 2)
      let start = call.network.now
      call.stream(frames: 20 * 25, keyBytes: 800, deltaBytes: 800)
      let packets = call.viewer.packets.filter { $0.at >= start + .seconds(1) }
      let again = packets.filter { $0.header.ssrc == call.viewer.rtxSSRC }
      guard hasFeedback else {
        #expect(again.isEmpty)
        continue
      }
      let sent = try #require(call.caller.connection.outboundStatistics)
      #expect(sent.probePacketsSent >= again.count && sent.retransmittedPacketsSent == 0)
      // A train of five about each five seconds.
      #expect((10...25).contains(again.count))
      #expect(again.count * 20 <= packets.count)
      let starts = zip(again, again.dropFirst()).filter { $1.at - $0.at > .milliseconds(200) }.count + 1
      #expect((2...4).contains(starts))
    }
  }

  @Test("a viewer without transport-wide feedback fills a narrow path without a queue, and follows a squeeze")
  func withoutFeedback() throws {
    let call = try PeerCall(.init(rtx: true))
    call.start()
    #expect(call.connects())
    call.viewer.nackInterval = .milliseconds(60)
    let bottleneck = Bottleneck(rate: 1_000e3)
    bottleneck.install(on: call)
    stream(call, for: 3)
    expectNoQueue(before: bottleneck, in: call)
    #expect((850_000...1_100_000).contains(try #require(call.caller.connection.availableOutgoingBitrate)))
    let path = try #require(call.caller.connection.pathStatistics(now: call.network.now))
    #expect(path.bytesDelivered == nil && path.queueDelay < .milliseconds(80))
    try expectAdaptation(to: bottleneck, of: call)
  }

  @Test("loss of 5 % at random does not drive a viewer without transport-wide feedback down")
  func lossWithoutFeedback() throws {
    let call = try PeerCall(.init(rtx: true))
    call.start()
    #expect(call.connects())
    call.viewer.nackInterval = .milliseconds(60)
    call.network.conditions.loss = 0.05
    let bottleneck = Bottleneck(rate: 1_000e3)
    bottleneck.install(on: call)
    stream(call, for: 3)
    bottleneck.forgetWaits()
    for second in 0..<5 {
      report(to: call, fractionLost: 13, packetsLost: Int32(5 * second))
      stream(call, for: 1)
    }
    #expect(try #require(call.caller.connection.availableOutgoingBitrate) > 800_000)
    #expect(bottleneck.longestWait < .milliseconds(100))
  }

  private func report(
    to call: PeerCall, ssrc: UInt32? = nil, fractionLost: UInt8 = 0, packetsLost: Int32 = 0, highest: UInt32 = 0,
    lastSenderReport: UInt32 = 0, delay: UInt32 = 0
  ) {
    let block = ReportBlock(
      ssrc: ssrc ?? call.viewer.videoSSRC, fractionLost: fractionLost, packetsLost: packetsLost,
      extendedHighestSequenceNumber: highest, jitter: 0, lastSenderReport: lastSenderReport,
      delaySinceLastSenderReport: delay)
    call.viewer.send([.receiverReport(ReceiverReport(ssrc: Viewer.ssrc, reportBlocks: [block]))], now: call.network.now)
  }

  @Test("hostile reports neither silence us nor make us flood")
  func hostileReports() throws {
    let call = try PeerCall(.init(rtx: true))
    call.start()
    #expect(call.connects())
    let bottleneck = Bottleneck(rate: 1_000e3)
    bottleneck.install(on: call)
    stream(call, for: 3)
    bottleneck.forgetWaits()
    var generator = SeededGenerator(seed: 4)
    for round in 0..<50 {
      let sent = call.viewer.control.compactMap { entry in
        if case .senderReport(let report) = entry.packet { report.ntpTimestamp.middle } else { nil }
      }.last
      for number in 0..<20 {
        report(
          to: call, ssrc: number % 4 == 0 ? generator.next() : nil, fractionLost: generator.next(),
          packetsLost: round % 2 == 0 ? 0x7F_FFFF : -0x80_0000, highest: generator.next(),
          lastSenderReport: number % 2 == 0 ? sent ?? 0 : generator.next(),
          delay: number % 3 == 0 ? 0 : generator.next())
      }
      call.stream(frames: 1, keyBytes: 2_000, deltaBytes: 2_000)
      call.stream(frames: 1, keyBytes: 6_000, deltaBytes: 6_000)
    }
    #expect((700_000...1_200_000).contains(try #require(call.caller.connection.availableOutgoingBitrate)))
    #expect(bottleneck.longestWait < .milliseconds(120))
  }

  @Test("a viewer that agrees to feedback and sends none is served like one that has none")
  func silent() throws {
    let call = try PeerCall(.init(transportFeedback: true))
    call.viewer.transportFeedbackInterval = nil
    call.start()
    #expect(call.connects())
    let bottleneck = Bottleneck(rate: 1_000e3)
    bottleneck.install(on: call)
    stream(call, for: 3)
    #expect(call.caller.connection.availableOutgoingBitrate == 300_000)
    stream(call, for: 4)
    #expect(try #require(call.caller.connection.availableOutgoingBitrate) > 850_000)
    #expect(bottleneck.longestWait < .milliseconds(120))
  }

  @Test("a REMB is the ceiling of a viewer without transport-wide feedback")
  func ceiling() throws {
    let call = try PeerCall()
    call.start()
    #expect(call.connects())
    stream(call, for: 2)
    let estimate = ReceiverEstimatedMaximumBitrate(
      senderSSRC: Viewer.ssrc, bitrate: 400_000, ssrcs: [call.caller.connection.videoSSRC])
    call.viewer.send([.receiverEstimatedMaximumBitrate(estimate)], now: call.network.now)
    stream(call, for: 1)
    #expect(call.caller.connection.availableOutgoingBitrate == 400_000)
    let target = try #require(call.caller.targetBitrate)
    #expect(target.bitrate <= 400_000 && (300_000...400_000).contains(target.stable))
    stream(call, for: 6)
    #expect(try #require(call.caller.connection.availableOutgoingBitrate) > 400_000, "it is not repeated")
  }

  @Test("no round-trip times are measured where there is feedback")
  func measurements() throws {
    for transportFeedback in [false, true] {
      let call = try PeerCall(.init(transportFeedback: transportFeedback))
      call.start()
      #expect(call.connects())
      let before = try #require(call.caller.connection.videoTransport).iceStatistics.requestsSent
      stream(call, for: 2)
      let after = try #require(call.caller.connection.videoTransport).iceStatistics.requestsSent
      #expect((after > before + 20) == !transportFeedback)
    }
  }

  @Test("a REMB is ignored where there is feedback")
  func maximumBitrate() throws {
    let call = try PeerCall(.init(transportFeedback: true))
    call.start()
    #expect(call.connects())
    stream(call, for: 1)
    let estimate = ReceiverEstimatedMaximumBitrate(
      senderSSRC: Viewer.ssrc, bitrate: 50_000, ssrcs: [call.caller.connection.videoSSRC])
    call.viewer.send([.receiverEstimatedMaximumBitrate(estimate)], now: call.network.now)
    stream(call, for: 1)
    #expect(try #require(call.caller.connection.availableOutgoingBitrate) > 300_000)
  }

  @Test("frames that would come too late are dropped and counted, and a key frame is asked for")
  func late() throws {
    let call = try PeerCall(.init(transportFeedback: true))
    call.start()
    #expect(call.connects())
    // Far more than a path can carry of which nothing is known yet.
    call.stream(frames: 50, keyBytes: 20_000, deltaBytes: 20_000)
    #expect(call.caller.framesDropped > 0)
    #expect(!call.caller.keyFrameRequests.isEmpty)
  }
}
