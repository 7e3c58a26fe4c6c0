import ICE
import Jingle
import NIOCore
import Peer
import TestSupport
import Testing
import XMPP

@testable import Call

@Suite("Loss, recovery and restart of a call's path")
struct PathTests {
  /// The transport-infos of a host since then: the credentials of each, and whether it has candidates.
  private static func transports(_ host: CallHost, since start: NIODeadline) -> [(ufrag: String?, hasCandidates: Bool)]
  {
    host.sent.filter { $0.at >= start }.compactMap { sent in
      guard let jingle = sent.stanza.first("jingle", "urn:xmpp:jingle:1"), jingle["action"] == "transport-info",
        let transport = jingle.elements.first?.elements.first(where: { $0.name == "transport" })
      else { return nil }
      return (transport["ufrag"], !transport.elements.isEmpty)
    }
  }

  /// What makes us restart: of the candidates some are new, or all are kept, and known at once.
  enum Cause: CaseIterable {
    case address, consent
  }

  @Test(
    "our restart signals the new credentials before their candidates in every content",
    arguments: Cause.allCases)
  func order(cause: Cause) throws {
    for seed in UInt64(1)...5 {
      let world = try CallWorld.streaming(seed: seed)
      world.stream(for: .seconds(1))
      let start = world.network.now
      switch cause {
      case .address: world.camera.move(to: "198.51.100.77")
      case .consent:
        world.network.conditions.loss = 1
        // The viewer restarts too, and ours is to be no answer.
        world.server.interrupt(world.phone)
      }
      world.network.run(for: cause == .address ? .seconds(2) : .seconds(15))
      let told = Self.transports(world.camera, since: start)
      #expect(told.count >= 2)
      // To Conversations new credentials with candidates are an answer (security-error).
      var known: Set<String?> = []
      for (ufrag, hasCandidates) in told {
        if known.insert(ufrag).inserted { #expect(!hasCandidates, "candidates of a restart before the restart") }
      }
    }
  }

  @Test("the picture returns within a second after our address changes, without a new handshake")
  func moved() throws {
    let world = try CallWorld.streaming()
    world.watchArrivals()
    world.stream(for: .seconds(2))
    let before = world.camera.call?.latestStatistics
    let start = world.network.now
    world.camera.move(to: "198.51.100.77")
    world.stream(for: .seconds(3))
    #expect(world.arrivals(since: start + .seconds(1)) >= 30)
    #expect(world.camera.count { if case .iceRestart = $0 { true } else { false } } >= 1)
    #expect(world.camera.count { if case .streaming = $0 { true } else { false } } == 1)
    #expect(before?.transport.dtlsHandshakeTime == world.camera.call?.latestStatistics?.transport.dtlsHandshakeTime)
    #expect(world.camera.result == nil)
  }

  @Test("a restart by the viewer is answered, and the picture continues")
  func movedViewer() throws {
    let world = try CallWorld.streaming()
    world.watchArrivals()
    world.stream(for: .seconds(2))
    let start = world.network.now
    world.phone.move(to: "198.51.100.88")
    world.stream(for: .seconds(3))
    #expect(world.arrivals(since: start + .seconds(1)) >= 30)
    #expect(world.phone.count { if case .iceRestart = $0 { true } else { false } } >= 1)
    #expect(world.camera.result == nil && world.phone.result == nil)
  }

  @Test("simultaneous restarts by both sides lead to one path, and the picture returns")
  func glare() throws {
    for seed in UInt64(1)...5 {
      let world = try CallWorld.streaming(seed: seed, calledBy: seed % 2 == 0)
      world.watchArrivals()
      world.stream(for: .seconds(2))
      world.phone.move(to: "198.51.100.88")
      world.camera.move(to: "198.51.100.77")
      world.stream(for: .seconds(15))
      let start = world.network.now
      world.stream(for: .seconds(1))
      #expect(world.arrivals(since: start) >= 15, "seed \(seed)")
      #expect(world.camera.result == nil && world.phone.result == nil)
    }
  }

  @Test("a path that is lost for some seconds recovers, and no undecodable frame is sent")
  func lostAndFound() throws {
    let world = try CallWorld.streaming()
    world.watchArrivals()
    world.stream(for: .seconds(2))
    world.network.conditions.loss = 1
    world.stream(for: .seconds(15))
    world.network.conditions.loss = 0
    world.stream(for: .seconds(10))
    #expect(world.camera.call?.isPathLost == false)
    let start = world.network.now
    world.stream(for: .seconds(1))
    #expect(world.arrivals(since: start) >= 15)
    #expect(world.camera.result == nil)
  }

  @Test("a path that stays lost ends the call and asks for a new one")
  func lostForGood() throws {
    let world = try CallWorld.streaming()
    world.stream(for: .seconds(2))
    world.network.conditions.loss = 1
    world.stream(for: .minutes(2))
    let result = try #require(world.camera.result)
    #expect(result.outcome == .failed(Reason(.connectivityError)) && result.wantsNewCall)
    #expect(world.camera.deadline == nil)
  }

  @Test("a silent viewer is left only if the XMPP server reports it unavailable as well")
  func deserted() throws {
    let world = try CallWorld.streaming()
    world.stream(for: .seconds(2))
    world.camera.with { $0.setAvailable(false, now: world.network.now) }
    world.stream(for: .seconds(5))
    #expect(world.camera.result == nil)
    world.camera.with { $0.setAvailable(true, now: world.network.now) }
    // Without media there are consent checks alone, so that neither side has heard of the other much later.
    world.network.run(for: .seconds(6))
    world.network.isBlocked = { world.phone.owns($0.source) }
    world.network.run(until: world.network.now + .seconds(20)) { world.camera.call?.isPathLost != true }
    #expect(world.camera.call?.isPathLost == true && world.camera.result == nil)
    world.camera.with { $0.setAvailable(false, now: world.network.now) }
    #expect(world.camera.result?.outcome == .failed(Reason(.gone)))
  }

  @Test("an hour through a relay with expiring credentials keeps the picture with few requests")
  func hourOfRelay() throws {
    let world = try CallWorld()
    world.network.turnServers = [TestTURNServer(address: CallWorld.turnAddress)]
    world.camera.ice = .init(
      servers: [
        ICEServer(
          kind: .turn(TURNCredentials(username: "cam", password: "secret")), address: CallWorld.turnAddress,
          relayProtocol: .udp, url: "turn:t")
      ], policy: .relay)
    try world.call(from: world.camera, to: world.phone.jid.bare)
    try #require(world.connects())
    world.watchArrivals()
    for _ in 0..<6 {
      world.network.run(for: .minutes(10) - .seconds(1))
      world.camera.with { $0.renewCredentials(of: world.camera.ice.servers) }
      let start = world.network.now
      world.stream(for: .seconds(1))
      #expect(world.arrivals(since: start) >= 15)
    }
    #expect(world.camera.result == nil)
    #expect(world.network.turnServers[0].requests.count < 200)
  }

  @Test("a name of the local link is resolved, but not with the policy relay")
  func names() throws {
    for (policy, isAsked) in [(ICETransportPolicy.all, true), (.relay, false)] {
      let world = try CallWorld.streaming()
      world.camera.call?.ice.policy = policy
      let candidate = ICEUDPTransport.Candidate(
        id: "1", foundation: "1", ip: "6b2b5a1e-3a5f-4d8e-9a40-0d5f2d1c7e11.local", port: 5000, priority: 1, kind: .host
      )
      let transport = world.phone.call?.connection?.localParameters(of: .audio).map {
        ICEUDPTransport(usernameFragment: $0.usernameFragment, password: $0.password, candidates: [candidate])
      }
      let jingle = Jingle(
        action: .transportInfo, sid: "session-1",
        contents: [Content(creator: .initiator, name: "0", transport: transport)])
      world.server.send(.iq(.set, id: "name", to: world.camera.jid, jingle.element), from: world.phone)
      world.network.run(for: .milliseconds(100))
      #expect(world.camera.count { if case .nameToResolve = $0 { true } else { false } } == (isAsked ? 1 : 0))
    }
  }
}
