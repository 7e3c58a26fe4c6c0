import ICE
import NIOCore
import TestSupport
import Testing

@Suite("TURN allocation")
struct TURNAllocationTests {
  private let relayed = stunAddress("192.0.2.15", 50_000)

  private func allocated(_ lifetime: Int64 = 600) -> TURNClient.Event {
    .allocated(relayed: relayed, mapped: TURNTestbed.clientAddress, lifetime: .seconds(lifetime))
  }

  @Test("a challenge is answered and the allocation is told, in two requests")
  func challenge() {
    let testbed = TURNTestbed()
    testbed.allocate()
    #expect(testbed.events == [allocated()])
    #expect(testbed.client.relayedAddress == relayed)
    #expect(testbed.sent.count == 2)
    #expect(testbed.server.requests.map(\.attributes.count) == [1, 4])
    #expect(testbed.server.requests.map(\.isSigned) == [false, true])
    #expect(testbed.server.requests[0].transactionID != testbed.server.requests[1].transactionID)
  }

  @Test("an Allocate asks for UDP and for nothing that upsets servers")
  func attributes() {
    let testbed = TURNTestbed()
    testbed.allocate()
    #expect(testbed.server.requests[0].attributes == [.requestedTransport(17)])
  }

  @Test("only for an IPv6 relay is the family asked for")
  func ipv6() {
    var configuration = TestTURNServer.Configuration()
    configuration.relayedIPv6Address = "2001:db8::15"
    let testbed = TURNTestbed(configuration, relayedFamily: .ipv6)
    testbed.allocate()
    #expect(testbed.server.requests[0].attributes == [.requestedTransport(17), .requestedAddressFamily(.ipv6)])
    #expect(testbed.client.relayedAddress == stunAddress("2001:db8::15", 50_000))
  }

  @Test("a relayed address of another family than asked for is refused")
  func wrongFamily() {
    var configuration = TestTURNServer.Configuration()
    configuration.relayedIPAddress = "2001:db8::15"
    let testbed = TURNTestbed(configuration)
    testbed.allocate()
    #expect(testbed.events == [.failed(.malformedResponse)])
  }

  @Test("lost requests go out again, the same bytes, until one arrives")
  func loss() {
    let testbed = TURNTestbed()
    var losses = 3
    testbed.loses = { _ in
      losses -= 1
      return losses >= 0
    }
    testbed.allocate()
    testbed.run(for: .seconds(10))
    #expect(testbed.events == [allocated()])
    #expect(testbed.sent.prefix(4).map(\.milliseconds) == [0, 500, 1500, 3500])
    #expect(Set(testbed.sent.prefix(4).map(\.payload)).count == 1)
  }

  @Test("a lost answer costs no second allocation: the same transaction asks again")
  func lostAnswer() {
    let testbed = TURNTestbed()
    var losses = 2
    testbed.mangles = { payload in
      guard (try? STUNMessage(parsing: payload))?.messageClass == .success, losses > 0 else { return payload }
      losses -= 1
      return nil
    }
    testbed.allocate()
    testbed.run(for: .seconds(5))
    #expect(testbed.events == [allocated()])
    #expect(testbed.server.relayedAddresses == [relayed])
  }

  @Test("a silent server fails after 39.5 s and seven requests")
  func silence() {
    let testbed = TURNTestbed()
    testbed.loses = { _ in true }
    testbed.allocate()
    testbed.run(for: .milliseconds(39_499))
    #expect(testbed.events.isEmpty)
    testbed.run(for: .milliseconds(1))
    #expect(testbed.events == [.failed(.timeout)])
    #expect(testbed.sent.count == 7)
    #expect(testbed.client.deadline == nil)
  }

  @Test("over a stream a request goes out once, and fails after the same 39.5 s")
  func silentStream() {
    let testbed = TURNTestbed(relayProtocol: .tcp)
    testbed.loses = { _ in true }
    testbed.allocate()
    testbed.run(for: .milliseconds(39_499))
    #expect(testbed.events.isEmpty)
    testbed.run(for: .milliseconds(1))
    #expect(testbed.events == [.failed(.timeout)])
    #expect(testbed.sent.count == 1)
  }

  @Test("a connection that ends takes the allocation, or the wish for one, with it")
  func disconnected() {
    let testbed = TURNTestbed(relayProtocol: .tls)
    testbed.client.allocate(now: testbed.clock.now)
    testbed.client.disconnect("reset")
    testbed.settle()
    #expect(testbed.events == [.failed(.disconnected("reset"))] && testbed.sent.isEmpty)
    testbed.allocate()
    testbed.permit()
    testbed.client.disconnect("reset")
    testbed.settle()
    #expect(testbed.events.last == .lost(.disconnected("reset")))
    #expect(testbed.client.deadline == nil && !testbed.client.isPermitted(TURNTestbed.peer))
    testbed.client.disconnect("reset")
    testbed.settle()
    #expect(testbed.events.count == 3)
  }

  @Test("calling again while it is under way changes nothing; after a failure it starts anew")
  func repeatedCalls() {
    var configuration = TestTURNServer.Configuration()
    configuration.errors[.allocate] = [STUNErrorCode(508)]
    let testbed = TURNTestbed(configuration)
    testbed.client.allocate(now: testbed.clock.now)
    testbed.allocate()
    #expect(testbed.sent.count == 2)
    #expect(testbed.events == [.failed(.insufficientCapacity)])
    testbed.allocate()
    #expect(testbed.events.last == allocated())
    testbed.allocate()
    #expect(testbed.requests(.allocate).count == 4)
  }

  @Test("time that is told too early is harmless")
  func earlyTimeout() {
    let testbed = TURNTestbed()
    testbed.client.handleTimeout(now: testbed.clock.now)
    testbed.allocate()
    testbed.client.handleTimeout(now: testbed.clock.now)
    testbed.settle()
    #expect(testbed.sent.count == 2)
  }

  @Test(
    "the allocation is refreshed a minute before it ends", arguments: [(600, 540), (3600, 3540), (100, 50), (20, 10)])
  func refresh(lifetime: UInt32, seconds: Int64) {
    var configuration = TestTURNServer.Configuration()
    configuration.lifetime = lifetime
    let testbed = TURNTestbed(configuration)
    testbed.allocate()
    #expect(testbed.events == [allocated(Int64(lifetime))])
    testbed.run(for: .milliseconds(seconds * 1000 - 1))
    #expect(testbed.requests(.refresh).isEmpty)
    testbed.run(for: .milliseconds(1))
    #expect(testbed.requests(.refresh).count == 1)
    #expect(testbed.requests(.refresh).first?.lifetime == nil)
  }

  @Test("a lifetime beyond an hour is not believed, and none at all is no allocation")
  func absurdLifetimes() {
    var configuration = TestTURNServer.Configuration()
    configuration.lifetime = .max
    var testbed = TURNTestbed(configuration)
    testbed.allocate()
    #expect(testbed.events == [allocated(3600)])
    configuration.lifetime = 0
    testbed = TURNTestbed(configuration)
    testbed.allocate()
    #expect(testbed.events == [.failed(.malformedResponse)])
  }

  @Test("giving back is a Refresh of 0, and then there is silence")
  func deallocate() {
    let testbed = TURNTestbed.allocated()
    testbed.permit()
    testbed.bindChannel(TURNTestbed.otherPeer)
    testbed.deallocate()
    #expect(testbed.server.requests.last?.lifetime == 0)
    #expect(testbed.server.relayedAddresses.isEmpty)
    #expect(testbed.client.relayedAddress == nil && testbed.client.deadline == nil)
    #expect(!testbed.client.isPermitted(TURNTestbed.peer) && !testbed.client.hasChannel(TURNTestbed.otherPeer))
    #expect(!testbed.send("x"))
    #expect(testbed.events.isEmpty)
  }

  @Test("giving back while the server still decides gives back what it grants")
  func deallocateEarly() {
    let testbed = TURNTestbed()
    var held: ByteBuffer?
    testbed.mangles = { payload in
      guard (try? STUNMessage(parsing: payload))?.messageClass == .success else { return payload }
      held = payload
      return nil
    }
    testbed.allocate()
    testbed.deallocate()
    #expect(testbed.server.relayedAddresses.count == 1)
    testbed.mangles = { $0 }
    if let held { _ = testbed.receive(held) }
    testbed.settle()
    #expect(testbed.server.relayedAddresses.isEmpty)
    #expect(testbed.events.isEmpty && testbed.client.deadline == nil)
  }

  @Test("giving back before the challenge was answered asks for nothing more")
  func deallocateAtOnce() {
    let testbed = TURNTestbed()
    testbed.client.allocate(now: testbed.clock.now)
    testbed.deallocate()
    #expect(testbed.server.relayedAddresses.isEmpty && testbed.events.isEmpty)
    #expect(testbed.client.deadline == nil)
  }

  @Test("wishes made before the allocation come true with it")
  func earlyWishes() {
    let testbed = TURNTestbed()
    testbed.permit()
    testbed.bindChannel(TURNTestbed.otherPeer)
    #expect(testbed.sent.isEmpty)
    testbed.allocate()
    #expect(testbed.client.isPermitted(TURNTestbed.peer))
    #expect(testbed.client.hasChannel(TURNTestbed.otherPeer))
  }
}
