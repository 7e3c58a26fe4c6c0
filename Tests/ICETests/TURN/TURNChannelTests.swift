import NIOCore
import TestSupport
import Testing

@testable import ICE

@Suite("TURN channels in a long call (RFC 8656 section 12)")
struct TURNChannelTests {
  /// Peers of one IP address, by number.
  private static func peer(_ number: Int) -> SocketAddress {
    stunAddress("192.0.2.\(1 + number / 60_000)", 1 + number % 60_000)
  }

  @Test("a channel number is reused for another peer five minutes after its expiry and not before")
  func reuse() throws {
    let testbed = TURNTestbed.allocated()
    var boundAt: [UInt16: (peer: SocketAddress, at: NIODeadline)] = [:]
    for number in 0..<200 {
      let peer = Self.peer(number)
      testbed.client.keepChannels(to: [], now: testbed.clock.now)
      testbed.bindChannel(peer)
      #expect(testbed.client.hasChannel(peer))
      let request = try #require(testbed.requests(.channelBind).last)
      let channel = try #require(request.channelNumber)
      if let former = boundAt[channel], former.peer != peer {
        #expect(testbed.clock.now - former.at >= .minutes(15))
      }
      boundAt[channel] = (peer, testbed.clock.now)
      testbed.run(for: .minutes(1))
    }
    #expect(boundAt.count < 20, "of 200 peers in as many minutes")
    #expect(testbed.events.isEmpty)
  }

  @Test("a call that changes its path for days does not run out of channel numbers")
  func days() {
    let testbed = TURNTestbed.allocated()
    for number in 0..<6_000 {
      testbed.client.keepChannels(to: [], now: testbed.clock.now)
      testbed.bindChannel(Self.peer(number))
      testbed.clock.advance(by: .seconds(20))
      testbed.client.handleTimeout(now: testbed.clock.now)
      testbed.settle()
    }
    #expect(testbed.client.hasChannel(Self.peer(5_999)))
    #expect(testbed.events.isEmpty)
  }

  @Test("the number of channels is limited, and further peers are reached by their permissions")
  func exhausted() {
    let testbed = TURNTestbed.allocated()
    let last = ChannelBinding.maximumCount
    for number in 0...last { testbed.bindChannel(Self.peer(number)) }
    let numbers = testbed.requests(.channelBind).compactMap(\.channelNumber)
    #expect(Set(numbers).count == last && numbers.allSatisfy { ChannelBinding.numbers.contains($0) })
    #expect(!testbed.client.hasChannel(Self.peer(last)))
    testbed.permit(Self.peer(last))
    #expect(testbed.send("without a channel", to: Self.peer(last)))
    #expect(testbed.delivered.count == 1)
  }

  @Test("the number of a channel in use is never reused")
  func kept() {
    let testbed = TURNTestbed.allocated()
    testbed.bindChannel()
    testbed.run(for: .minutes(30))
    testbed.bindChannel(TURNTestbed.otherPeer)
    #expect(Set(testbed.requests(.channelBind).compactMap(\.channelNumber)) == [0x4000, 0x4001])
    #expect(testbed.client.hasChannel(TURNTestbed.peer) && testbed.client.hasChannel(TURNTestbed.otherPeer))
  }

  @Test("a returning peer has its old number, or another one if that was reused")
  func samePeer() {
    let testbed = TURNTestbed.allocated()
    testbed.bindChannel()
    testbed.client.keepChannels(to: [], now: testbed.clock.now)
    #expect(!testbed.client.hasChannel(TURNTestbed.peer))
    testbed.run(for: .minutes(1))
    testbed.bindChannel()
    #expect(testbed.requests(.channelBind).map(\.channelNumber) == [0x4000, 0x4000])
    testbed.client.keepChannels(to: [], now: testbed.clock.now)
    testbed.run(for: .minutes(20))
    testbed.bindChannel(TURNTestbed.otherPeer)
    testbed.bindChannel()
    #expect(testbed.requests(.channelBind).map(\.channelNumber) == [0x4000, 0x4000, 0x4000, 0x4001])
    #expect(testbed.client.hasChannel(TURNTestbed.peer) && testbed.client.hasChannel(TURNTestbed.otherPeer))
  }

  @Test("data on a channel that is no longer renewed is still the peer's")
  func lateData() {
    let testbed = TURNTestbed.allocated()
    testbed.permit()
    testbed.bindChannel()
    testbed.client.keepChannels(to: [], now: testbed.clock.now)
    testbed.peerSends("late")
    #expect(testbed.received.map(\.peer) == [TURNTestbed.peer])
  }

  @Test("a channel that is no longer renewed leaves its permission to be renewed")
  func permission() {
    let testbed = TURNTestbed.allocated()
    testbed.permit()
    testbed.bindChannel()
    testbed.client.keepChannels(to: [], now: testbed.clock.now)
    testbed.run(for: .seconds(400))
    #expect(testbed.requests(.channelBind).count == 1)
    #expect(testbed.send("still permitted"))
    #expect(testbed.delivered.count == 1)
    #expect(testbed.server.channelDataReceived == 0)
  }

  /// Every kind of request is due at once, each is answered in some other way, and what fails takes others along.
  @Test(
    "requests that are due and fail at the same time do not affect others",
    arguments: 1...20 as ClosedRange<UInt64>)
  func together(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let testbed = TURNTestbed.allocated()
    let errors = [400, 403, 437, 438, 441, 486, 508]
    for round in 0..<60 {
      if testbed.client.relayedAddress == nil { testbed.allocate() }
      for number in 0..<20 {
        testbed.client.permit(Self.peer(60_000 * number), now: testbed.clock.now)
        testbed.client.bindChannel(to: Self.peer(60_000 * number + number % 3), now: testbed.clock.now)
      }
      testbed.loses = { _ in Int.random(in: 0..<10, using: &generator) < round % 4 * 3 }
      for method in [STUNMethod.refresh, .createPermission, .channelBind] {
        testbed.server.configuration.errors[method] = (0..<Int.random(in: 0...6, using: &generator)).map { _ in
          STUNErrorCode(errors.randomElement(using: &generator) ?? 400)
        }
      }
      // In one leap, past the deadline of everything.
      testbed.clock.advance(by: .seconds(Int64.random(in: 1...400, using: &generator)))
      testbed.client.handleTimeout(now: testbed.clock.now)
      testbed.settle()
    }
    testbed.loses = { _ in false }
    testbed.server.configuration.errors = [:]
    testbed.run(for: .minutes(20))
    testbed.allocate()
    testbed.permit()
    #expect(testbed.client.isPermitted(TURNTestbed.peer))
  }
}
