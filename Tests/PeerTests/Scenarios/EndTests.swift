import ICE
import NIOCore
import Peer
import RTP
import SRTP
import TestSupport
import Testing

@Suite("The end and the duration of a call")
struct EndTests {
  @Test(
    "closing sends BYE and close_notify, frees the allocations, and then sends nothing more", arguments: [true, false])
  func close(bundled: Bool) throws {
    let call = try PeerCall(.init(bundled: bundled, usesTURN: true))
    call.start()
    #expect(call.connects())
    call.stream(frames: 3)
    #expect(!call.network.turnServers[0].relayedAddresses.isEmpty)
    let events = call.caller.events.count
    call.caller.connection.close(now: call.network.now)
    call.caller.connection.close(now: call.network.now)
    #expect(!call.caller.connection.isVideoWritable)
    call.caller.settle(now: call.network.now)
    call.network.run(for: .milliseconds(200))
    let goodbyes = call.viewer.control.compactMap { if case .goodbye(let bye) = $0.packet { bye.sources } else { nil } }
    #expect(goodbyes == [[call.viewer.videoSSRC]])
    #expect(call.viewer.main.isClosedByPeer)
    let bye = call.caller.sent.lastIndex { $0.transmit.payload.isMedia }
    let notify = call.caller.sent.lastIndex { $0.transmit.payload.isDTLS }
    #expect(try #require(bye) < #require(notify))
    #expect(call.network.turnServers[0].relayedAddresses.isEmpty)
    #expect(call.caller.connection.deadline == nil)
    let sent = call.caller.sent.count
    call.offerFrame(bytes: 100, isKeyFrame: true)
    call.network.run(for: .seconds(60))
    #expect(call.caller.sent.count == sent)
    #expect(call.caller.events.count == events)
  }

  @Test("a closed transport ignores an answer, even an invalid one")
  func answerAfterClose() throws {
    let transport = MediaTransport(
      configuration: .init(), role: .controlling, certificate: try Certificate(), generator: SeededGenerator(seed: 1))
    let now = NIODeadline.uptimeNanoseconds(1_000_000_000)
    transport.close(now: now)
    transport.close(now: now)
    transport.setRemote(
      RemoteTransport(
        ice: ICEParameters(usernameFragment: "them", password: "their password of 22 ch"), fingerprints: [],
        localRole: .passive, candidates: []), now: now)
    if let event = transport.pollEvent() { Issue.record("\(event)") }
    #expect(transport.deadline == nil)
  }

  @Test("the viewer's close_notify ends the call")
  func closedByPeer() throws {
    let call = try PeerCall()
    call.start()
    #expect(call.connects())
    call.viewer.main.dtls.close()
    call.viewer.settle(now: call.network.now)
    call.network.run(for: .seconds(1))
    #expect(call.caller.failures == [.closedByPeer])
    #expect(!call.caller.connection.isVideoWritable)
  }

  @Test("after the viewer's close_notify no packet or report is sent, and a lost path causes no restart")
  func afterClosedByPeer() throws {
    let call = try PeerCall()
    call.start()
    #expect(call.connects())
    call.stream(frames: 5)
    call.viewer.main.dtls.close()
    call.viewer.settle(now: call.network.now)
    call.network.run(for: .milliseconds(100))
    let (closedAt, events) = (call.network.now, call.caller.events.count)
    let lost = try #require(call.viewer.packets.last).header.sequenceNumber
    call.viewer.send(
      [.genericNACK(GenericNACK(senderSSRC: Viewer.ssrc, mediaSSRC: call.viewer.videoSSRC, lost: [lost]))],
      now: call.network.now)
    call.network.run(for: .seconds(10))
    call.network.isBlocked = { _ in true }
    call.network.run(for: .seconds(20))
    #expect(!call.caller.sent.contains { $0.at > closedAt && $0.transmit.payload.isMedia })
    #expect(!call.caller.events[events...].contains { if case .iceRestart = $0.event { true } else { false } })
  }

  @Test("through a relay BYE and close_notify are sent before the allocation is freed")
  func closeThroughRelay() throws {
    let call = try PeerCall(.init(policy: .relay, usesTURN: true, retransmission: PeerCall.impatient))
    call.start()
    #expect(call.connects(within: .minutes(1)))
    call.stream(frames: 3)
    call.caller.connection.close(now: call.network.now)
    call.caller.settle(now: call.network.now)
    call.network.run(for: .seconds(1))
    #expect(call.viewer.control.contains { if case .goodbye = $0.packet { true } else { false } })
    #expect(call.viewer.main.isClosedByPeer)
    #expect(call.network.turnServers[0].relayedAddresses.isEmpty)
  }

  @Test("closing during the handshake leaves nothing to wait for")
  func closeInHandshake() throws {
    let call = try PeerCall()
    call.network.isBlocked = { $0.payload.isDTLS }
    call.start()
    call.network.run(for: .seconds(3))
    #expect(call.caller.connection.videoTransport?.hasPath == true)
    call.caller.connection.close(now: call.network.now)
    #expect(call.caller.connection.deadline == nil)
  }

  @Test("a request for a key frame that is held back is not made after closing")
  func lateRequest() throws {
    let call = try PeerCall(.init(usesTURN: true))
    call.start()
    #expect(call.connects())
    let pictureLoss = RTCPPacket.pictureLossIndication(
      PictureLossIndication(senderSSRC: Viewer.ssrc, mediaSSRC: call.viewer.videoSSRC))
    for _ in 0..<2 {
      call.viewer.send([pictureLoss], now: call.network.now)
      call.network.run(for: .milliseconds(50))
    }
    #expect(call.caller.keyFrameRequests.count == 1 && call.caller.connection.outboundStatistics?.pliCount == 2)
    call.caller.connection.close(now: call.network.now)
    // The allocation is not freed, so that there is something to wait for.
    call.network.isBlocked = { _ in true }
    call.network.run(for: .seconds(5))
    #expect(call.caller.keyFrameRequests.count == 1)
  }

  @Test("lost consent stops the media within 30 s and ends the call if no restart is answered")
  func consent() throws {
    let call = try PeerCall()
    call.start()
    #expect(call.connects())
    call.stream(frames: 5)
    let lostAt = call.network.now
    call.network.isBlocked = { _ in true }
    call.takesRestarts = false
    call.stream(frames: 35 * 25, keyBytes: 300, deltaBytes: 300)
    #expect(call.caller.failures.isEmpty)
    #expect(call.caller.sent.filter { $0.transmit.payload.isMedia && $0.at > lostAt + .seconds(30) }.isEmpty)
    #expect(call.caller.sent.contains { $0.transmit.payload.isMedia && $0.at > lostAt + .seconds(20) })
    call.stream(frames: 20 * 25, keyBytes: 300, deltaBytes: 300)
    #expect(call.caller.failures == [.connectivity])
    let failedAt = call.caller.events.last { if case .failed = $0.event { true } else { false } }?.at
    #expect(try #require(failedAt) - lostAt <= .milliseconds(13_000 + 39_500))
    #expect(call.caller.sent.filter { $0.at > failedAt ?? lostAt }.isEmpty)
  }

  @Test("reports and consent checks continue for an hour, and nothing accumulates")
  func hour() throws {
    let call = try PeerCall()
    call.start()
    #expect(call.connects())
    call.caller.keepsSent = false
    call.viewer.keepsPackets = false
    let events = call.caller.events.count
    call.stream(frames: 3_600, keyBytes: 400, deltaBytes: 400, every: .seconds(1))
    #expect(call.viewer.frames.count == 3_600)
    let reports = call.viewer.control.filter { if case .senderReport = $0.packet { true } else { false } }
    #expect((3_000...4_500).contains(reports.count))
    let consent = call.caller.connection.videoTransport?.iceStatistics.consentRequestsSent ?? 0
    #expect((600...900).contains(consent))
    // The viewer never reports, for which some key frames are requested.
    #expect(call.caller.events.count == events + call.caller.keyFrameRequests.count)
    #expect(call.caller.keyFrameRequests.count < 16)
    #expect(call.caller.pollTransmit() == nil)
    #expect(call.caller.connection.pollTransmit(now: call.network.now) == nil)
    let last = try #require(reports.last)
    guard case .senderReport(let report) = last.packet else { return }
    let sentAt = last.at - call.network.conditions.delay
    #expect(report.ntpTimestamp == PeerCall.wallClock.advanced(by: sentAt - call.startedAt))
  }
}
