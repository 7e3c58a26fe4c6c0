import ICE
import NIOCore
import TestSupport
import Testing

@Suite("TURN errors")
struct TURNErrorTests {
  @Test("a wrong password fails at the second 401 without a third attempt")
  func wrongPassword() {
    let testbed = TURNTestbed(credentials: TURNCredentials(username: "cam", password: "wrong"))
    testbed.allocate()
    #expect(testbed.events == [.failed(.unauthorized(STUNErrorCode(401, "Unauthorized")))])
    #expect(testbed.sent.count == 2)
    #expect(testbed.client.deadline == nil)
  }

  @Test("a challenge without realm and nonce is a failure")
  func emptyChallenge() {
    var configuration = TestTURNServer.Configuration()
    configuration.omitsChallenge = true
    let testbed = TURNTestbed(configuration)
    testbed.allocate()
    #expect(testbed.events == [.failed(.malformedResponse)])
  }

  @Test("a success response without its addresses is a failure", arguments: [true, false])
  func missingAddress(relayed: Bool) {
    var configuration = TestTURNServer.Configuration()
    configuration.omitsRelayedAddress = relayed
    configuration.omitsMappedAddress = !relayed
    let testbed = TURNTestbed(configuration)
    testbed.allocate()
    #expect(testbed.events == [.failed(.malformedResponse)])
  }

  @Test(
    "a relayed address that nobody can send to is a failure",
    arguments: ["0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255"])
  func unusableRelayedAddress(address: String) {
    var configuration = TestTURNServer.Configuration()
    configuration.relayedIPAddress = address
    let testbed = TURNTestbed(configuration)
    testbed.allocate()
    #expect(testbed.events == [.failed(.unusableRelayedAddress)])
    #expect(testbed.client.relayedAddress == nil)
  }

  @Test(
    "each error of Allocate is reported with its meaning and code",
    arguments: [
      (400, .rejected(STUNErrorCode(400, "r"))), (401, .unauthorized(STUNErrorCode(401, "r"))), (403, .forbidden),
      (420, .rejected(STUNErrorCode(420, "r"))), (437, .allocationMismatch),
      (441, .unauthorized(STUNErrorCode(441, "r"))), (442, .rejected(STUNErrorCode(442, "r"))),
      (443, .peerAddressFamilyMismatch), (486, .quotaReached), (500, .rejected(STUNErrorCode(500, "r"))),
      (508, .insufficientCapacity), (699, .rejected(STUNErrorCode(699, "r"))),
    ] as [(Int, TURNError)])
  func allocateErrors(code: Int, error: TURNError) {
    for signature in [TestTURNServer.Configuration.Signature.all, .allButSomeErrors] {
      var configuration = TestTURNServer.Configuration()
      configuration.signature = signature
      configuration.errors[.allocate] = [STUNErrorCode(code, "r")]
      let testbed = TURNTestbed(configuration)
      testbed.allocate()
      #expect(testbed.events == [.failed(error)])
      #expect(error.code == code)
      #expect(!error.text.isEmpty)
    }
  }

  @Test("a stale nonce costs one more request in any transaction")
  func staleNonce() {
    var configuration = TestTURNServer.Configuration()
    configuration.nonceLifetime = .seconds(100)
    let testbed = TURNTestbed.allocated(configuration)
    testbed.clock.advance(by: .seconds(100))
    testbed.permit()
    #expect(testbed.client.isPermitted(TURNTestbed.peer))
    #expect(testbed.requests(.createPermission).count == 2)
    testbed.clock.advance(by: .seconds(100))
    testbed.bindChannel()
    #expect(testbed.client.hasChannel(TURNTestbed.peer))
    #expect(testbed.requests(.channelBind).count == 2)
    testbed.clock.advance(by: .seconds(100))
    testbed.deallocate()
    #expect(testbed.server.relayedAddresses.isEmpty)
    #expect(testbed.events.isEmpty)
  }

  @Test("concurrent requests with a stale nonce all succeed at their second attempt")
  func staleNonceTogether() {
    var configuration = TestTURNServer.Configuration()
    configuration.nonceLifetime = .seconds(100)
    let testbed = TURNTestbed.allocated(configuration)
    testbed.clock.advance(by: .seconds(100))
    testbed.client.permit(TURNTestbed.peer, now: testbed.clock.now)
    testbed.client.permit(TURNTestbed.otherPeer, now: testbed.clock.now)
    testbed.client.bindChannel(to: TURNTestbed.peer, now: testbed.clock.now)
    testbed.settle()
    #expect(testbed.client.isPermitted(TURNTestbed.otherPeer) && testbed.client.hasChannel(TURNTestbed.peer))
    #expect(testbed.events.isEmpty)
  }

  @Test("a server that finds every nonce stale is not asked forever")
  func alwaysStale() {
    var configuration = TestTURNServer.Configuration()
    configuration.alwaysStale = true
    let testbed = TURNTestbed(configuration)
    testbed.allocate()
    #expect(testbed.events == [.failed(.rejected(STUNErrorCode(438, "Stale Nonce")))])
    #expect(testbed.sent.count == 3)
  }

  @Test("a 437 response to any request ends the allocation")
  func lostAllocation() {
    for request in [STUNMethod.refresh, .createPermission, .channelBind] {
      let testbed = TURNTestbed.allocated()
      testbed.permit()
      testbed.bindChannel(TURNTestbed.otherPeer)
      testbed.server.configuration.errors[request] = [STUNErrorCode(437)]
      testbed.run(for: .seconds(541))
      #expect(testbed.events == [.lost(.allocationMismatch)])
      #expect(testbed.client.relayedAddress == nil && testbed.client.deadline == nil)
      #expect(!testbed.client.isPermitted(TURNTestbed.peer) && !testbed.client.hasChannel(TURNTestbed.otherPeer))
      #expect(!testbed.send("x"))
    }
  }

  @Test("a restarted server answers 438 and then 437, after which a new allocation is possible")
  func restartedServer() {
    let testbed = TURNTestbed.allocated()
    testbed.server.forgetEverything()
    testbed.permit()
    #expect(testbed.events == [.lost(.allocationMismatch)])
    testbed.allocate()
    #expect(testbed.events.count == 2)
    #expect(testbed.client.relayedAddress == stunAddress("192.0.2.15", 50_001))
  }

  @Test("the allocation is lost when its Refresh to a silent server has failed")
  func silentServer() {
    let testbed = TURNTestbed.allocated()
    testbed.loses = { _ in true }
    testbed.run(for: .milliseconds(540_000 + 39_499))
    #expect(testbed.events.isEmpty)
    testbed.run(for: .milliseconds(1))
    #expect(testbed.events == [.lost(.timeout)])
  }

  @Test("a forbidden peer is reported for each request, and the allocation continues")
  func forbiddenPeer() {
    var configuration = TestTURNServer.Configuration()
    configuration.forbiddenPeers = [stunAddress("192.0.2.200", 0)]
    let testbed = TURNTestbed.allocated(configuration)
    let sibling = stunAddress("192.0.2.200", 6000)
    testbed.client.permit(TURNTestbed.peer, now: testbed.clock.now)
    testbed.client.permit(sibling, now: testbed.clock.now)
    testbed.settle()
    #expect(testbed.requests(.createPermission).count == 1)
    #expect(testbed.events == [.peerRefused(TURNTestbed.peer, .forbidden), .peerRefused(sibling, .forbidden)])
    #expect(!testbed.client.isPermitted(TURNTestbed.peer))
    #expect(testbed.client.relayedAddress != nil)
    testbed.bindChannel()
    #expect(testbed.events.last == .peerRefused(TURNTestbed.peer, .forbidden))
    #expect(!testbed.client.hasChannel(TURNTestbed.peer))
  }

  @Test("a permitted peer is reached without a channel, and its permission is renewed")
  func refusedChannel() {
    let testbed = TURNTestbed.allocated()
    testbed.permit()
    testbed.server.configuration.errors[.channelBind] = [STUNErrorCode(508)]
    testbed.bindChannel()
    #expect(testbed.events.isEmpty)
    #expect(testbed.client.isPermitted(TURNTestbed.peer) && !testbed.client.hasChannel(TURNTestbed.peer))
    #expect(testbed.send("indication"))
    #expect(testbed.delivered.count == 1)
    testbed.bindChannel()
    #expect(testbed.client.hasChannel(TURNTestbed.peer))
    #expect(Set(testbed.requests(.channelBind).map(\.channelNumber)) == [0x4000], "a number has one peer")
  }

  @Test("a channel that could not be renewed leaves its permission to be renewed")
  func lostChannel() {
    let testbed = TURNTestbed.allocated()
    testbed.permit()
    testbed.bindChannel()
    testbed.server.configuration.errors[.channelBind] = [STUNErrorCode(508)]
    testbed.run(for: .seconds(229))
    #expect(testbed.requests(.createPermission).count == 1)
    testbed.run(for: .seconds(2))
    #expect(testbed.requests(.createPermission).count == 2, "at once, not when the permission ends")
    testbed.run(for: .seconds(169))
    #expect(!testbed.client.hasChannel(TURNTestbed.peer))
    #expect(testbed.send("still there"))
    #expect(testbed.delivered.count == 1)
  }

  @Test("peers that the allocation cannot reach are refused without a request")
  func unreachablePeers() {
    let testbed = TURNTestbed.allocated()
    testbed.permit()
    let before = testbed.sent.count
    for peer in [stunAddress("2001:db8::1", 5), stunAddress("192.0.2.200", 0)] {
      testbed.permit(peer)
      testbed.bindChannel(peer)
      #expect(!testbed.send("x", to: peer))
    }
    #expect(testbed.sent.count == before)
    #expect(testbed.events.count == 4)
  }

  @Test("a username that is too long for STUN is refused")
  func longUsername() {
    for (length, isUsable) in [(508, true), (509, false)] {
      let username = String(repeating: "x", count: length)
      let testbed = TURNTestbed(credentials: TURNCredentials(username: username, password: ""))
      testbed.allocate()
      #expect((testbed.events == [.failed(.unusableCredentials)]) == !isUsable)
    }
  }

  @Test("a 300 response fails the allocation with the alternate server and its domain")
  func redirection() {
    let other = stunAddress("198.51.100.2", 3478)
    for (address, domain) in [(other, nil), (other, "turn2.example.org")] as [(SocketAddress, String?)] {
      let testbed = TURNTestbed()
      testbed.server.configuration.alternateServer = address
      testbed.server.configuration.alternateDomain = domain
      testbed.allocate()
      #expect(testbed.events == [.failed(.redirected(to: address, domain: domain))])
      #expect(testbed.sent.count == 2)
    }
    let testbed = TURNTestbed()
    testbed.server.configuration.errors[.allocate] = [STUNErrorCode(300)]
    testbed.allocate()
    #expect(testbed.events == [.failed(.redirected(to: nil, domain: nil))])
  }
}
