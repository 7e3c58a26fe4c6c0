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
    #expect(call.caller.events.count == events)
    #expect(call.caller.pollTransmit() == nil)
    #expect(call.caller.connection.pollTransmit(now: call.network.now) == nil)
    let last = try #require(reports.last)
    guard case .senderReport(let report) = last.packet else { return }
    let sentAt = last.at - call.network.conditions.delay
    #expect(report.ntpTimestamp == PeerCall.wallClock.advanced(by: sentAt - call.startedAt))
  }
}
