import ICE
import NIOCore
import TestSupport
import Testing

@Suite("TURN renewal")
struct TURNRenewalTests {
  @Test("in an hour everything is renewed by exactly the necessary requests")
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

  @Test("permissions and channels are renewed within 240 s")
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

  @Test("a channel renews the permission of its peer, so that one request suffices")
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

  @Test("a permission requested in addition to a channel is not renewed separately")
  func permissionBesideChannel() {
    let testbed = TURNTestbed.allocated()
    testbed.bindChannel()
    testbed.permit()
    testbed.run(for: .seconds(2000))
    #expect(testbed.requests(.createPermission).count == 1)
  }

  @Test("a host that was suspended until its channel expired requests the permission once")
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

  @Test("requesting an existing permission or channel sends nothing")
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

  @Test("nonces that expire every minute cost one more request per renewal")
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

  @Test("channel numbers start at 0x4000, each is for one peer, and there are 64 at most")
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

  @Test("a Refresh response with a lifetime of zero ends the allocation")
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

  @Test("a Refresh is sent at most every 5 s, however short the lifetime")
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
