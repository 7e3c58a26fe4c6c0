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
      let rate = call.caller.events.last { if case .targetBitrate = $0.event { true } else { false } }
      var size = 1_000
      if case .targetBitrate(let bitrate, _)? = rate?.event { size = min(bitrate, 2_500_000) / 8 / 25 }
      call.stream(frames: 1, keyBytes: 3 * size, deltaBytes: size)
    }
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
    bottleneck.forgetWaits()
    let before = call.viewer.frames.count
    stream(call, for: 5)
    #expect(call.viewer.frames.count - before >= 120)
    #expect(bottleneck.dropped == 0)
    #expect(bottleneck.longestWait < .milliseconds(80))
    #expect(try #require(call.caller.connection.availableOutgoingBitrate) > 900_000)
    let path = try #require(call.caller.connection.pathStatistics(now: call.network.now))
    let sent = try #require(call.caller.connection.outboundStatistics)
    // Of what was sent all but the last is told of, and headers come on top.
    #expect((0.95...1.2).contains(Double(path.bytesDelivered) / Double(sent.bytesSent)))
    #expect(path.queueDelay < .milliseconds(80) && path.pacerDelay < .milliseconds(80))
    // Each packet waits for a part of the frame interval of 40 ms, more at the beginning.
    let delay = sent.totalPacketSendDelay.nanoseconds / Int64(sent.packetsSent)
    #expect((5_000_000...200_000_000).contains(delay))

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

  @Test("a viewer without transport-wide feedback is sent each frame at once")
  func withoutFeedback() throws {
    let call = try PeerCall()
    call.start()
    #expect(call.connects())
    call.stream(frames: 10, keyBytes: 20_000, deltaBytes: 20_000)
    #expect(call.viewer.frames.count == 10)
    #expect(call.caller.connection.availableOutgoingBitrate == nil)
    #expect(call.caller.connection.pathStatistics(now: call.network.now) == nil)
    #expect(call.caller.connection.outboundStatistics?.totalPacketSendDelay == .zero)
    #expect(!call.caller.events.contains { if case .targetBitrate = $0.event { true } else { false } })
  }

  @Test("a viewer that agrees to feedback and sends none is served like one that has none")
  func silent() throws {
    let call = try PeerCall(.init(transportFeedback: true))
    call.viewer.transportFeedbackInterval = nil
    call.start()
    #expect(call.connects())
    call.stream(frames: 80, keyBytes: 900, deltaBytes: 900)
    let before = call.viewer.frames.count
    // Far more than the rate at the start would let through.
    call.stream(frames: 10, keyBytes: 20_000, deltaBytes: 20_000)
    #expect(call.viewer.frames.count - before == 10)
    #expect(call.caller.connection.availableOutgoingBitrate == nil)
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
    #expect(!call.caller.events.contains { if case .maximumBitrate = $0.event { true } else { false } })
  }

  @Test("frames that would come too late are dropped and counted, and a key frame is asked for")
  func late() throws {
    let call = try PeerCall(.init(transportFeedback: true))
    call.start()
    #expect(call.connects())
    // Far more than a path can carry of which nothing is known yet.
    call.stream(frames: 50, keyBytes: 20_000, deltaBytes: 20_000)
    let dropped = call.caller.events.reduce(0) { sum, event in
      if case .framesDropped(let count) = event.event { sum + count } else { sum }
    }
    #expect(dropped > 0)
    #expect(!call.caller.keyFrameRequests.isEmpty)
  }
}
