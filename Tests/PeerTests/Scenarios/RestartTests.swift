import ICE
import NIOCore
import Peer
import RTP
import SRTP
import TestSupport
import Testing

@Suite("An ICE restart in mid-call")
struct RestartTests {
  private static func streaming(_ setup: PeerCall.Setup = .init()) throws -> PeerCall {
    let call = try PeerCall(setup)
    call.start()
    #expect(call.connects(within: .minutes(1)))
    call.stream(frames: 100)
    #expect(call.viewer.frames.count == 100)
    // SRTP of the viewer's shows that its handshake is done: no flight is repeated from here on.
    call.viewer.send([], now: call.network.now)
    call.network.run(for: .milliseconds(100))
    return call
  }

  private static func handshakes(_ call: PeerCall) -> Int {
    call.caller.sent.count { $0.transmit.payload.isDTLS && $0.transmit.endpoint == call.viewer.main.endpoint }
  }

  private static func lost(_ call: PeerCall) -> Int {
    let sequence = call.viewer.packets.filter { $0.header.ssrc == call.viewer.videoSSRC }.map(\.header.sequenceNumber)
    guard let first = sequence.first, let last = sequence.last else { return 0 }
    return Int(last &- first) + 1 - Set(sequence).count
  }

  @Test("a restart by the viewer loses no packet and keeps the SRTP session", arguments: [true, false])
  func byViewer(bundled: Bool) throws {
    let call = try Self.streaming(.init(bundled: bundled))
    let handshakes = Self.handshakes(call)
    let before = call.caller.connection.localParameters(of: call.viewer.main.kind)
    call.viewerRestarts()
    call.stream(frames: 100)
    #expect(call.caller.connection.generation(of: call.viewer.main.kind) == 1)
    #expect(call.caller.connection.localParameters(of: call.viewer.main.kind) != before)
    #expect(call.viewer.main.ice.selectedPair?.isNominated == true && call.viewer.main.ice.generation == 1)
    #expect(Self.lost(call) == 0)
    #expect(call.viewer.frames.map(\.payload) == call.framesOffered)
    #expect(Self.handshakes(call) == handshakes)
    #expect(call.caller.events.count { if case .videoWritable = $0.event { true } else { false } } == 1)
    #expect(call.viewer.undecipherableOrEarly == 0)
  }

  @Test("a restart that finds the same path leaves the rate as it is", arguments: [true, false])
  func samePath(hasFeedback: Bool) throws {
    let call = try Self.streaming(.init(transportFeedback: hasFeedback))
    let connection = call.caller.connection
    let before = try #require(connection.availableOutgoingBitrate)
    #expect(before > 1_200_000)
    call.viewerRestarts()
    for _ in 0..<100 {
      call.stream(frames: 1)
      #expect(try #require(connection.availableOutgoingBitrate) > before * 3 / 4)
    }
    #expect(connection.generation(of: call.viewer.main.kind) == 1)
  }

  @Test("a restart through a relay loses no packet and makes no new allocation")
  func relayed() throws {
    let call = try Self.streaming(.init(policy: .relay, usesTURN: true, retransmission: PeerCall.impatient))
    let allocations = call.network.turnServers[0].requests.count { $0.method == .allocate }
    call.viewerRestarts()
    call.stream(frames: 100)
    #expect(call.viewer.main.ice.generation == 1)
    #expect(Self.lost(call) == 0)
    #expect(call.network.turnServers[0].requests.count { $0.method == .allocate } == allocations)
  }

  @Test("we restart when the path is lost, find the viewer's other address, and the picture returns")
  func lostPath() throws {
    let call = try Self.streaming(.init(media: [.video]))
    let moved = PeerCall.address("198.51.100.77", 6001)
    // The viewer changes from one network to another, and tells nobody.
    let endpoint = call.viewer.main.endpoint
    call.network.unbind(PeerCall.viewerAddress(.video))
    call.viewer.main.ice.removeLocalEndpoint(endpoint, now: call.network.now)
    let lostAt = call.network.now
    call.stream(frames: 16 * 25)
    let restartedAt = call.caller.events.first { if case .iceRestart = $0.event { true } else { false } }?.at
    let foundAt = call.network.now
    call.network.bind(moved, LocalEndpoint(id: 7), of: call.viewer, in: VirtualNetwork.internet)
    call.viewer.main.endpoint = LocalEndpoint(id: 7)
    call.viewer.main.ice.addLocalEndpoint(LocalEndpoint(id: 7), address: moved, now: call.network.now)
    call.viewer.settle(now: call.network.now)
    call.stream(frames: 20 * 25)
    #expect(call.caller.failures.isEmpty)
    #expect(call.viewer.main.ice.selectedPair?.local.address == moved)
    #expect(call.viewer.frames.last?.payload == call.framesOffered.last)
    // Two checks without an answer, at most 6 s after the last that had one.
    let silence = try #require(restartedAt) - lostAt
    #expect(silence >= .seconds(7) && silence <= .seconds(13))
    // The picture is black no longer than the new path takes.
    let backAt = try #require(call.viewer.packets.first { $0.at > foundAt }?.at)
    #expect(backAt - foundAt <= .milliseconds(200))
    let whole = call.viewer.frames.count
    call.stream(frames: 25)
    #expect(call.viewer.frames.count == whole + 25)
  }

  @Test("a change of our address causes a restart at once, and the picture returns with the first responses")
  func networkChange() throws {
    let call = try Self.streaming(.init(media: [.video], transportFeedback: true))
    let connection = call.caller.connection
    let moved = PeerCall.address("198.51.100.88", 5001)
    call.network.unbind(PeerCall.callerAddress(.video))
    let changedAt = call.network.now
    connection.removeLocalEndpoint(LocalEndpoint(id: 1), now: call.network.now)
    call.caller.settle(now: call.network.now)
    #expect(connection.generation(of: .video) == 1)
    let (frame, shown) = (call.makeFrame(bytes: 300, isKeyFrame: false), call.viewer.frames.count)
    #expect(connection.send(frame, now: call.network.now) == .dropped(.noPath))
    call.network.bind(moved, LocalEndpoint(id: 9), of: call.caller, in: VirtualNetwork.internet)
    let rate = try #require(connection.availableOutgoingBitrate)
    #expect(rate > 1_200_000)
    connection.addLocalEndpoint(LocalEndpoint(id: 9), address: moved, for: .video, now: call.network.now)
    call.caller.settle(now: call.network.now)
    let rates = (0..<50).compactMap { _ in
      call.stream(frames: 1)
      return connection.availableOutgoingBitrate
    }
    // Nothing is known of another path.
    #expect(try #require(rates.min()) <= 1_000_000)
    #expect(connection.videoTransport?.selectedPair?.local.address == moved)
    #expect(call.caller.failures.isEmpty)
    let backAt = try #require(call.viewer.packets.first { $0.at > changedAt + .milliseconds(10) }?.at)
    #expect(backAt - changedAt <= .milliseconds(200))
    #expect(call.viewer.frames[shown].isKeyFrame)
    #expect(call.viewer.frames.last?.payload == call.framesOffered.last)
  }

  @Test("the loss of the allocation in use causes a restart over a new one")
  func lostAllocation() throws {
    let call = try Self.streaming(
      .init(media: [.video], policy: .relay, usesTURN: true, retransmission: PeerCall.impatient))
    let allocations = call.network.turnServers[0].requests.count { $0.method == .allocate }
    // The server has been restarted: it knows no channel any more, and drops what comes over it.
    call.network.turnServers[0].forgetEverything()
    call.stream(frames: 20 * 25)
    let restarts = call.caller.events.filter { if case .iceRestart = $0.event { true } else { false } }
    #expect(restarts.count == 1)
    // Its challenge and the signed one.
    #expect(call.network.turnServers[0].requests.count { $0.method == .allocate } == allocations + 2)
    #expect(call.caller.failures.isEmpty)
    #expect(call.viewer.frames.last?.payload == call.framesOffered.last)
    let restartedAt = try #require(restarts.first?.at)
    let backAt = try #require(call.viewer.packets.first { $0.at > restartedAt }?.at)
    #expect(backAt - restartedAt <= .milliseconds(300))
  }

  @Test("a restart that the viewer's client refuses is not repeated, and what works continues")
  func refused() throws {
    let call = try Self.streaming(.init(media: [.video]))
    call.takesRestarts = false
    for _ in 0..<2 {
      call.network.isBlocked = { _ in true }
      call.stream(frames: 15 * 25, keyBytes: 300, deltaBytes: 300)
      call.caller.connection.refuseICERestart(for: .video, now: call.network.now)
      call.network.isBlocked = { _ in false }
      call.stream(frames: 15 * 25, keyBytes: 300, deltaBytes: 300)
      #expect(call.viewer.frames.last?.payload == call.framesOffered.last)
    }
    #expect(call.caller.events.count { if case .iceRestart = $0.event { true } else { false } } == 1)
    #expect(call.caller.failures.isEmpty)
  }
}
