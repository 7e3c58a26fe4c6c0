import Call
import Jingle
import NIOCore
import Peer
import Testing
import XMPP

@Suite("A call whose XMPP stream or source is lost")
struct SignallingLossTests {
  @Test("a stream that is interrupted and resumed loses no signalling")
  func resumed() throws {
    let world = try CallWorld.streaming()
    world.watchArrivals()
    world.server.interrupt(world.camera)
    world.camera.move(to: "198.51.100.77")
    world.stream(for: .seconds(3))
    world.server.resume(world.camera)
    world.stream(for: .seconds(5))
    let start = world.network.now
    world.stream(for: .seconds(1))
    #expect(world.arrivals(since: start) >= 15)
    #expect(world.camera.result == nil && world.phone.result == nil)
  }

  @Test("an interruption of the stream during the set-up only delays the call")
  func resumedInSetup() throws {
    let world = try CallWorld()
    try world.call(from: world.camera, to: world.phone.jid.bare)
    world.network.run(until: world.network.now + .seconds(5)) { world.phone.received.isEmpty }
    world.server.interrupt(world.camera)
    world.network.run(for: .seconds(4))
    #expect(!world.camera.isStreaming)
    world.server.resume(world.camera)
    #expect(world.connects())
  }

  @Test("a call without its stream continues while the path works and ends with it")
  func lostForGood() throws {
    let world = try CallWorld.streaming()
    world.watchArrivals()
    world.server.disconnect(world.camera)
    world.stream(for: .minutes(2))
    let start = world.network.now
    world.stream(for: .seconds(1))
    #expect(world.arrivals(since: start) >= 15)
    world.phone.with { $0.interrupt(now: world.network.now) }
    world.stream(for: .minutes(1))
    #expect(world.camera.result != nil)
    #expect(world.camera.deadline == nil)
  }

  @Test("a muted viewer is sent no frames, they are counted, and unmuting begins with a key frame")
  func muted() throws {
    let world = try CallWorld.streaming()
    world.stream(for: .seconds(1))
    func modify(_ senders: Content.Senders, id: String) {
      let jingle = Jingle(
        action: .contentModify, sid: "session-1",
        contents: [Content(creator: .initiator, name: "1", senders: senders)])
      world.server.send(.iq(.set, id: id, to: world.camera.jid, jingle.element), from: world.phone)
      world.network.run(for: .milliseconds(100))
    }
    modify(.responder, id: "m1")
    #expect(world.camera.offerFrame(isKeyFrame: true) == .dropped(.muted))
    #expect(world.camera.offerFrame(isKeyFrame: false) == .dropped(.muted))
    let asked = world.camera.count { if case .keyFrameRequested = $0 { true } else { false } }
    modify(.both, id: "m2")
    #expect(world.camera.count { if case .keyFrameRequested = $0 { true } else { false } } > asked)
    #expect(world.camera.offerFrame(isKeyFrame: false) == .dropped(.awaitsKeyFrame))
    #expect(world.camera.offerFrame(isKeyFrame: true) == .sent)
    #expect(world.camera.offerFrame(isKeyFrame: false) == .sent)
    world.network.run(for: .seconds(2))
    #expect(world.camera.call?.latestStatistics?.outboundRTP.framesDropped == 3)
    #expect(world.camera.call?.latestStatistics?.outboundRTP.framesThrottled == 0)
  }

  @Test("frames that a slow network does not take are counted separately, and the others continue")
  func throttled() throws {
    let world = try CallWorld.streaming()
    world.stream(for: .seconds(1))
    let before = world.camera.call?.latestStatistics?.outboundRTP.framesDropped
    for _ in 0..<5 {
      world.camera.call?.throttle(source: MediaSourceStatistics())
      #expect(world.camera.offerFrame(bytes: 300, isKeyFrame: false) == .sent)
    }
    world.network.run(for: .seconds(2))
    #expect(world.camera.call?.latestStatistics?.outboundRTP.framesThrottled == 5)
    #expect(world.camera.call?.latestStatistics?.outboundRTP.framesDropped == before)
  }

  @Test("a paused source has no effect, and an ended or failed one ends the call with its reason")
  func source() throws {
    for isFailure in [true, false] {
      let world = try CallWorld.streaming()
      world.watchArrivals()
      world.stream(for: .seconds(1))
      world.network.run(for: .minutes(10))
      let start = world.network.now
      #expect(world.stream(for: .seconds(1)) >= 9)
      #expect(world.arrivals(since: start) >= 15)
      world.camera.with { $0.sourceEnded(isFailure: isFailure, now: world.network.now) }
      world.network.run(for: .seconds(1))
      #expect(world.phone.result?.outcome == .endedByPeer(Reason(isFailure ? .mediaError : .success)))
      #expect(world.camera.result?.outcome == (isFailure ? .failed(Reason(.mediaError)) : .hungUp))
    }
  }

  @Test("a call with a duration ends by itself")
  func duration() throws {
    let world = try CallWorld()
    try world.call(from: world.camera, to: world.phone.jid.bare) { $0.duration = .seconds(3) }
    try #require(world.connects())
    let start = world.network.now
    world.network.run(until: start + .seconds(10)) { world.camera.result == nil }
    #expect(world.camera.result?.outcome == .hungUp && world.camera.result?.isInterrupted == false)
    #expect(world.network.now - start <= .milliseconds(3_100))
  }
}
