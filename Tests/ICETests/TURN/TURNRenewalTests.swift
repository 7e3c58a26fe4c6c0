import ICE
import NIOCore
import TestSupport
import Testing

@Suite("TURN renewal")
struct TURNRenewalTests {
  @Test("in an hour everything stays alive, by exactly the requests that this takes")
  func hour() {
    var configuration = TestTURNServer.Configuration()
    configuration.nonceLifetime = .hours(2)
    let testbed = TURNTestbed.allocated(configuration)
    testbed.permit()
    testbed.bindChannel(TURNTestbed.otherPeer)
    let end = testbed.start + .hours(1) - .seconds(1)
    while testbed.clock.now < end {
      testbed.run(for: .seconds(1))
      #expect(
        testbed.server.hasPermission(TURNTestbed.peer, ofClient: TURNTestbed.clientAddress, now: testbed.clock.now))
      #expect(testbed.send("indication") && testbed.send("channel", to: TURNTestbed.otherPeer))
    }
    #expect(testbed.delivered.count == 2 * 3599)
    #expect(testbed.server.channelDataReceived == 3599)
    // At 540, 1080 … 3240 s; at 0, 230 … 3450 s.
    #expect(testbed.requests(.allocate).count == 2)
    #expect(testbed.requests(.refresh).count == 6)
    #expect(testbed.requests(.createPermission).count == 16)
    #expect(testbed.requests(.channelBind).count == 16)
    #expect(testbed.sent.count == 2 + 6 + 16 + 16)
    #expect(testbed.events.isEmpty)
  }

  @Test("permissions are renewed before 240 s, channels with them")
  func interval() {
    let testbed = TURNTestbed.allocated()
    testbed.permit()
    testbed.bindChannel(TURNTestbed.otherPeer)
    testbed.run(for: .seconds(229))
    #expect(testbed.requests(.createPermission).count == 1)
    testbed.run(for: .seconds(10))
    #expect(testbed.requests(.createPermission).count == 2)
    #expect(testbed.requests(.channelBind).count == 2)
    #expect(testbed.requests(.channelBind)[0].channelNumber == testbed.requests(.channelBind)[1].channelNumber)
  }

  @Test("a channel stands in for the permission of its peer: one request, not two")
  func channelKeepsPermission() {
    let testbed = TURNTestbed.allocated()
    testbed.permit()
    testbed.run(for: .seconds(5))
    testbed.bindChannel()
    testbed.run(for: .seconds(2000))
    #expect(testbed.requests(.createPermission).count == 1)
    #expect(testbed.requests(.channelBind).count == 9)
    let sibling = stunAddress("192.0.2.200", 9)
    #expect(testbed.send("the permission too is alive", to: sibling))
    #expect(testbed.delivered.count == 1)
  }

  @Test("a permission that is asked for beside a channel is not renewed on its own either")
  func permissionBesideChannel() {
    let testbed = TURNTestbed.allocated()
    testbed.bindChannel()
    testbed.permit()
    testbed.run(for: .seconds(2000))
    #expect(testbed.requests(.createPermission).count == 1)
  }

  @Test("a host that stood still until its channel had lapsed asks for the permission once")
  func standstill() {
    let testbed = TURNTestbed.allocated()
    testbed.permit()
    testbed.bindChannel()
    let sibling = stunAddress("192.0.2.200", 77)
    testbed.client.keepChannels(to: [TURNTestbed.peer], now: testbed.clock.now)
    testbed.client.permit(sibling, now: testbed.clock.now)
    // The renewal of the channel is lost, that of the permission is not.
    testbed.loses = { (try? STUNMessage(parsing: $0))?.method == .channelBind }
    testbed.clock.advance(by: .seconds(301))
    testbed.run(for: .seconds(1))
    #expect(testbed.requests(.createPermission).count == 2)
  }

  @Test("asking for what is there costs nothing")
  func idempotence() {
    let testbed = TURNTestbed.allocated()
    testbed.permit()
    testbed.bindChannel()
    let before = testbed.sent.count
    testbed.permit()
    testbed.permit(stunAddress("192.0.2.200", 77))
    testbed.bindChannel()
    #expect(testbed.sent.count == before)
  }

  @Test("lost renewals are repeated in time")
  func lossyRenewal() {
    let testbed = TURNTestbed.allocated()
    testbed.permit()
    testbed.bindChannel(TURNTestbed.otherPeer)
    var generator = SeededGenerator(seed: 99)
    testbed.loses = { _ in Int.random(in: 0..<10, using: &generator) < 5 }
    testbed.run(for: .hours(1))
    #expect(testbed.client.isPermitted(TURNTestbed.peer) && testbed.client.hasChannel(TURNTestbed.otherPeer))
    #expect(testbed.events.isEmpty)
    testbed.loses = { _ in false }
    #expect(testbed.send("a") && testbed.send("b", to: TURNTestbed.otherPeer))
    #expect(testbed.delivered.count == 2)
  }

  @Test("nonces that last a minute cost one more request a renewal and nothing else")
  func shortNonces() {
    var configuration = TestTURNServer.Configuration()
    configuration.nonceLifetime = .seconds(60)
    let testbed = TURNTestbed.allocated(configuration)
    testbed.permit()
    testbed.run(for: .seconds(3599))
    #expect(testbed.requests(.createPermission).count == 1 + 2 * 15)
    // At 1620 and 3240 s the nonce that a permission got 10 and 20 s before is still good.
    #expect(testbed.requests(.refresh).count == 2 * 6 - 2)
    #expect(testbed.events.isEmpty)
  }

  @Test("channel numbers run from 0x4000 on, each for one peer, and 64 are enough")
  func channelNumbers() {
    let testbed = TURNTestbed.allocated()
    for port in 1...65 { testbed.client.bindChannel(to: stunAddress("192.0.2.200", port), now: testbed.clock.now) }
    testbed.settle()
    let numbers = testbed.requests(.channelBind).compactMap(\.channelNumber)
    #expect(numbers == Array(0x4000..<0x4040))
    #expect(testbed.client.hasChannel(stunAddress("192.0.2.200", 64)))
    #expect(!testbed.client.hasChannel(stunAddress("192.0.2.200", 65)))
    #expect(testbed.events.isEmpty)
  }

  @Test("a Refresh answered with no lifetime at all is the end of the allocation")
  func noLifetime() {
    let testbed = TURNTestbed.allocated()
    testbed.server.configuration.lifetime = 0
    for _ in 0..<5 {
      guard let deadline = testbed.client.deadline else { break }
      testbed.clock.advance(to: deadline)
      testbed.client.handleTimeout(now: testbed.clock.now)
      testbed.settle()
    }
    #expect(testbed.events == [.lost(.allocationMismatch)])
    #expect(testbed.requests(.refresh).count == 1)
  }

  @Test("however short the lifetime, a Refresh goes out every 5 s at most")
  func tinyLifetime() {
    let testbed = TURNTestbed.allocated()
    testbed.server.configuration.lifetime = 6
    testbed.run(for: .seconds(540))
    let before = testbed.requests(.refresh).count
    testbed.run(for: .seconds(61))
    #expect((12...13).contains(testbed.requests(.refresh).count - before))
    #expect(testbed.events.isEmpty)
  }
}
