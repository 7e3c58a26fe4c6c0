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

  @Test("a challenge is answered, and the allocation succeeds in two requests")
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

  @Test("an Allocate request asks for UDP and has no attributes that upset servers")
  func attributes() {
    let testbed = TURNTestbed()
    testbed.allocate()
    #expect(testbed.server.requests[0].attributes == [.requestedTransport(17)])
  }

  @Test("the address family is requested only for an IPv6 relay")
  func ipv6() {
    var configuration = TestTURNServer.Configuration()
    configuration.relayedIPv6Address = "2001:db8::15"
    let testbed = TURNTestbed(configuration, relayedFamily: .ipv6)
    testbed.allocate()
    #expect(testbed.server.requests[0].attributes == [.requestedTransport(17), .requestedAddressFamily(.ipv6)])
    #expect(testbed.client.relayedAddress == stunAddress("2001:db8::15", 50_000))
  }

  @Test("a relayed address of another family than requested is refused")
  func wrongFamily() {
    var configuration = TestTURNServer.Configuration()
    configuration.relayedIPAddress = "2001:db8::15"
    let testbed = TURNTestbed(configuration)
    testbed.allocate()
    #expect(testbed.events == [.failed(.malformedResponse)])
  }

  @Test("a lost request is sent again unchanged until one arrives")
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

  @Test("a lost response causes no second allocation, since the transaction is repeated")
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

  @Test("a request to a silent server fails after 39.5 s and seven transmissions")
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

  @Test("a request over a stream is sent once and fails after 39.5 s too")
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

  @Test("the end of the connection ends the allocation or its request")
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

  @Test("repeated calls change nothing while allocating, and start again after a failure")
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

  @Test("a premature timeout is harmless")
  func earlyTimeout() {
    let testbed = TURNTestbed()
    testbed.client.handleTimeout(now: testbed.clock.now)
    testbed.allocate()
    testbed.client.handleTimeout(now: testbed.clock.now)
    testbed.settle()
    #expect(testbed.sent.count == 2)
  }

  @Test(
    "the allocation is refreshed a minute before it expires",
    arguments: [(600, 540), (3600, 3540), (100, 50), (20, 10)])
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

  @Test("a lifetime beyond an hour is limited, and a lifetime of zero is no allocation")
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

  @Test("an allocation is freed by a Refresh with lifetime 0, after which nothing is sent")
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

  @Test("an allocation that is granted after it was given up is freed")
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

  @Test("giving up before the challenge was answered sends nothing more")
  func deallocateAtOnce() {
    let testbed = TURNTestbed()
    testbed.client.allocate(now: testbed.clock.now)
    testbed.deallocate()
    #expect(testbed.server.relayedAddresses.isEmpty && testbed.events.isEmpty)
    #expect(testbed.client.deadline == nil)
  }

  @Test("permissions and channels requested before the allocation follow it")
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
