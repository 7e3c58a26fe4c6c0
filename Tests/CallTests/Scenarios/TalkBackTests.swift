import Call
import Foundation
import Jingle
import NIOCore
import Synchronization
import TestSupport
import Testing
import XMPP

@Suite("The called person's sound")
struct TalkBackTests {
  /// What a called person who does not bundle is asked not to send, by content-modify: 0 is the sound, 1 the picture.
  private static func unwanted(hearsPeer: Bool) throws -> [String] {
    let world = try CallWorld()
    world.camera.hasSound = true
    world.phone.hasSound = true
    world.server.change = withoutGroups
    try world.call(from: world.camera, to: world.phone.jid.bare) { $0.hearsPeer = hearsPeer }
    try #require(world.connects())
    world.network.run(for: .seconds(1))
    let requests = world.camera.sent.compactMap { sent in
      sent.stanza.elements.lazy.compactMap { try? Jingle($0) }.first { $0.action == .contentModify }
    }
    #expect(requests.flatMap(\.contents).allSatisfy { $0.senders == .initiator })
    return requests.flatMap(\.contents).map(\.name)
  }

  private static func withoutGroups(_ element: XMLElement) -> XMLElement {
    var element = element
    element.children = element.children.compactMap { child in
      guard case .element(let child) = child else { return child }
      return child.name == "group" ? nil : .element(withoutGroups(child))
    }
    return element
  }

  /// A call in which both offer to send sound, and the number of packets of the phone's that the camera lets in.
  private static func heard(
    calledBy isPhone: Bool, hearsPeer: Bool, isOneWay: Bool = false,
    with change: (inout Call.Configuration) -> Void = { _ in },
    during ringing: (CallWorld) -> Void = { _ in }, in prepare: (CallWorld) -> Void = { _ in }
  ) throws -> (world: CallWorld, count: Int) {
    let world = try CallWorld()
    prepare(world)
    (world.camera.hasSound, world.phone.hasSound) = (true, true)
    world.camera.answers = { [unowned world] in
      world.make(.incoming($0)) {
        $0.hearsPeer = hearsPeer
        $0.isOneWay = isOneWay
      }
    }
    try world.call(
      from: isPhone ? world.phone : world.camera, to: isPhone ? world.camera.jid.bare : world.phone.jid.bare
    ) {
      $0.hearsPeer = !isPhone && hearsPeer
      change(&$0)
    }
    world.network.run(until: world.network.now + TimeAmount.seconds(1)) { world.camera.call == nil }
    ringing(world)
    try #require(world.connects())
    for _ in 0..<50 {
      world.phone.offerSound()
      world.network.run(for: .milliseconds(20))
    }
    return (world, world.camera.count { if case .soundReceived = $0 { true } else { false } })
  }

  @Test("a person who may speak is heard in a call of either direction", arguments: [false, true])
  func heard(isPhone: Bool) throws {
    #expect(try Self.heard(calledBy: isPhone, hearsPeer: true).count == 50)
  }

  @Test("a person who sends no sound at first is heard when they do", arguments: [false, true])
  func heardLater(isPhone: Bool) throws {
    let call = try Self.heard(
      calledBy: isPhone, hearsPeer: true,
      in: { world in
        world.server.setSenders(
          of: "0", to: isPhone ? .responder : .initiator, in: isPhone ? .sessionInitiate : .sessionAccept)
      })
    #expect(call.count == 50)
  }

  @Test("a person who may not speak is not heard, whatever is sent", arguments: [false, true])
  func unheard(isPhone: Bool) throws {
    let call = try Self.heard(calledBy: isPhone, hearsPeer: false)
    #expect(call.count == 0)
    #expect(call.world.camera.call?.statistics(now: call.world.network.now)?.inboundSound == nil)
  }

  @Test("what is received and what was made of it are told as webrtc-stats names them, also while nothing comes")
  func statistics() throws {
    let levels = Mutex([0.5, 0.25])
    let read = Mutex(0)
    let (world, _) = try Self.heard(
      calledBy: false, hearsPeer: true,
      with: {
        $0.playout = {
          read.withLock { $0 += 1 }
          let level = levels.withLock { $0[0] }
          return (
            .init(
              packetsDiscarded: 1, totalSamplesReceived: 48_000, concealedSamples: 960, concealmentEvents: 1,
              jitterBufferDelay: 1_920, jitterBufferEmittedCount: 47_040, insertedSamplesForDeceleration: 1_920,
              removedSamplesForAcceleration: 2_880, audioLevel: level),
            .init(totalSamplesCount: 96_000, totalPlayoutDelay: 4_800, underruns: 2, drift: 30)
          )
        }
      })
    let call = try #require(world.camera.call)
    let statistics = try #require(call.statistics(now: world.network.now))
    let sound = try #require(statistics.inboundSound)
    #expect(sound.packetsReceived == 50 && sound.packetsLost == 0)
    #expect(sound.packetsDiscarded == 1 && sound.totalSamplesReceived == 48_000 && sound.concealedSamples == 960)
    #expect(sound.concealmentEvents == 1 && sound.audioLevel == 0.5 && sound.concealedDuration == 0.02)
    #expect(sound.jitterBufferDelay == 1_920 && sound.jitterBufferEmittedCount == 47_040)
    #expect(sound.insertedSamplesForDeceleration == 1_920 && sound.removedSamplesForAcceleration == 2_880)
    let playout = try #require(statistics.playout)
    #expect(playout.underruns == 2 && playout.drift == 30 && playout.totalPlayoutDelay == 4_800)
    #expect(playout.totalSamplesCount == 96_000 && playout.totalSamplesDuration == 2)
    let json = String(decoding: try JSONEncoder().encode(sound), as: UTF8.self)
    for name in [
      "jitterBufferDelay", "jitterBufferEmittedCount", "insertedSamplesForDeceleration",
      "removedSamplesForAcceleration",
    ] { #expect(json.contains("\"\(name)\""), "\(json)") }
    // Once a second, and not for each packet.
    #expect(read.withLock { $0 } <= 5)
    levels.withLock { _ = $0.removeFirst() }
    world.network.run(for: .milliseconds(1_500))
    #expect(call.latestStatistics?.inboundSound?.audioLevel == 0.25)
    call.stopHearing()
    world.network.run(for: .milliseconds(1_500))
    #expect(call.latestStatistics?.inboundSound?.packetsReceived == 50)
  }

  @Test("a right that ends before the call is answered, or in it, is none", arguments: [false, true])
  func rightEnds(isPhone: Bool) throws {
    #expect(try Self.heard(calledBy: isPhone, hearsPeer: true, during: { $0.camera.call?.stopHearing() }).count == 0)
    let (world, count) = try Self.heard(calledBy: isPhone, hearsPeer: true)
    world.camera.call?.stopHearing()
    for _ in 0..<50 {
      world.phone.offerSound()
      world.network.run(for: .milliseconds(20))
    }
    #expect(world.camera.count { if case .soundReceived = $0 { true } else { false } } == count)
  }

  /// What the answer to a call for sound says of who sends.
  private static func senders(hearsPeer: Bool) throws -> Content.Senders? {
    let (world, _) = try heard(calledBy: true, hearsPeer: hearsPeer, isOneWay: true)
    let accept = try #require(
      world.camera.sent.flatMap(\.stanza.elements).lazy.compactMap { try? Jingle($0) }
        .first { $0.action == .sessionAccept })
    return accept.contents.first { $0.description?.media == .audio }?.senders
  }

  @Test("the answer to a call tells truly whether sound is received (RFC 3264 section 6.1)")
  func answered() throws {
    #expect(try Self.senders(hearsPeer: false) == .responder)
    #expect(try Self.senders(hearsPeer: true) == .both)
  }

  @Test("a person who is heard is asked for no less than their sound, and anybody else for nothing at all")
  func oneWay() throws {
    #expect(try Self.unwanted(hearsPeer: true) == ["1"])
    #expect(try Self.unwanted(hearsPeer: false) == ["0", "1"])
  }
}
