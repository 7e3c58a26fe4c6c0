import ICE
import NIOCore
import TestSupport
import Testing

@Suite("ICE restarts (RFC 8445 section 9)")
struct RestartTests {
  private static func connected(_ caller: ICECall.Side = .init(addresses: ["198.51.100.1"])) -> ICECall {
    let call = ICECall(caller: caller)
    call.start()
    #expect(call.connects())
    call.network.run(for: .seconds(5))
    return call
  }

  /// Ten datagrams a second each way; how many were lost.
  private static func traffic(_ call: ICECall, for time: TimeAmount, while condition: () -> Bool = { true }) -> Int {
    let before = call.caller.received.count + call.callee.received.count
    let end = call.network.now + time
    var sent = 0
    while call.network.now < end, condition() {
      for host in [call.caller, call.callee] { if host.send("~", now: call.network.now) { sent += 1 } }
      call.network.run(for: .milliseconds(100))
    }
    return sent - (call.caller.received.count + call.callee.received.count - before)
  }

  @Test(
    "a restart changes the credentials of both sides, keeps the roles, and loses no data", arguments: [true, false])
  func restart(byCaller: Bool) {
    let call = Self.connected()
    let old = (call.caller.transport.localParameters, call.callee.transport.localParameters)
    let candidates = call.caller.candidates.count
    call.restart(byCaller ? call.caller : call.callee)
    #expect(Self.traffic(call, for: .seconds(5)) == 0)
    #expect(call.isNominated)
    #expect(call.caller.transport.localParameters != old.0 && call.callee.transport.localParameters != old.1)
    #expect(call.caller.transport.generation == 1 && call.callee.transport.generation == 1)
    #expect(call.caller.transport.role == .controlling && call.callee.transport.role == .controlled)
    #expect(call.caller.candidates.count > candidates)
    #expect(call.caller.transport.state == .completed && call.callee.transport.state == .completed)
  }

  @Test("the state is checking until a new pair works, and the former generation looks for none")
  func previousGeneration() {
    let call = Self.connected(.init(addresses: ["198.51.100.1", "198.51.100.3"]))
    let old = call.callee.transport.localParameters.usernameFragment
    var strays = 0
    call.network.isBlocked = { packet in
      let message = try? STUNMessage(parsing: packet.payload)
      if packet.source.ipAddress == "198.51.100.3", message?.username?.hasPrefix("\(old):") == true { strays += 1 }
      return message != nil
    }
    call.restart(call.caller)
    #expect(call.caller.transport.state == .checking)
    call.network.run(for: .seconds(25))
    #expect(strays == 0)
    call.network.isBlocked = { _ in false }
    call.network.run(for: .seconds(15))
    #expect(call.isNominated && call.carriesData())
  }

  @Test("simultaneous restarts by both sides result in one generation", arguments: 1...5)
  func glare(seed: Int) {
    let call = ICECall(seed: UInt64(seed))
    call.start()
    #expect(call.connects())
    call.holdsSignals = true
    call.restart(call.caller)
    call.restart(call.callee)
    call.network.run(for: .milliseconds(Int64(seed) * 100))
    call.releaseSignals()
    #expect(Self.traffic(call, for: .seconds(5)) == 0)
    #expect(call.isNominated)
    #expect(call.caller.transport.generation == 1 && call.callee.transport.generation == 1)
  }

  @Test("the former pair carries the data and keeps its consent until the restart is answered")
  func slowAnswer() {
    let call = Self.connected()
    call.holdsSignals = true
    call.restart(call.caller)
    #expect(Self.traffic(call, for: .seconds(38)) == 0)
    #expect(call.callee.transport.state == .completed)
    call.releaseSignals()
    #expect(Self.traffic(call, for: .seconds(5)) == 0)
    #expect(call.isNominated)
    #expect(call.caller.transport.generation == 1)
  }

  @Test("the former pair carries the data until a pair of the new generation is nominated")
  func oldPairFirst() {
    let call = Self.connected()
    // Valid, and no more: nominations do not arrive.
    call.network.isBlocked = { packet in
      (try? STUNMessage(parsing: packet.payload))?.useCandidate == true
    }
    call.restart(call.caller)
    #expect(Self.traffic(call, for: .seconds(2)) == 0)
    #expect(call.caller.transport.selectedPair?.isNominated == true, "the old pair, which is")
    call.network.isBlocked = { _ in false }
    #expect(Self.traffic(call, for: .seconds(8)) == 0)
    #expect(call.isNominated)
  }

  @Test("an unanswered or refused restart leaves everything as it was", arguments: [true, false])
  func rollBack(isRefused: Bool) {
    let call = Self.connected()
    let old = call.caller.transport.localParameters
    call.holdsSignals = true
    call.restart(call.caller)
    #expect(call.caller.transport.localParameters != old)
    #expect(call.caller.transport.state == .checking)
    if isRefused {
      call.caller.transport.rollBack(now: call.network.now)
      #expect(call.caller.transport.localParameters == old)
    }
    #expect(Self.traffic(call, for: .seconds(60)) == 0)
    #expect(call.caller.transport.localParameters == old)
    #expect(call.isNominated)
    #expect(!call.caller.states.contains { $0.state == .failed })
    // The next is numbered on.
    call.restart(call.caller)
    #expect(call.caller.transport.generation == 2)
  }

  @Test("a refused restart fails the transport if nothing works any longer")
  func refusedAtTheEnd() {
    let call = Self.connected()
    call.network.isBlocked = { _ in true }
    call.network.run(for: .seconds(20))
    call.holdsSignals = true
    call.restart(call.caller)
    call.network.run(for: .seconds(20))
    call.caller.transport.rollBack(now: call.network.now)
    #expect(call.caller.transport.state == .failed)
  }

  @Test("a restart keeps the allocations and requests none")
  func keepsRelays() {
    let call = Self.connected(.init(addresses: ["198.51.100.1"], policy: .relay))
    let server = { call.network.turnServers[0] }
    let allocations = server().requests.count { $0.method == .allocate }
    let relayed = call.caller.candidates.map(\.address)
    call.restart(call.callee)
    #expect(Self.traffic(call, for: .seconds(10)) == 0)
    #expect(call.isNominated)
    #expect(call.caller.transport.selectedPair.map { relayed.contains($0.local.address) } == true)
    // The callee's idle one was given back after the first generation, and its successor is again.
    let byCallee = server().requests.filter { $0.method == .allocate }.count - allocations
    #expect(byCallee <= 2)
    #expect(server().relayedAddresses == relayed)
  }

  @Test("remains of the first restart do not affect a second one")
  func again() {
    let call = Self.connected()
    var statistics = call.caller.transport.statistics
    for number in 1...4 {
      call.restart(number % 2 == 0 ? call.caller : call.callee)
      // The second and the fourth come while the one before is still under way.
      #expect(Self.traffic(call, for: number % 2 == 0 ? .seconds(10) : .milliseconds(100)) == 0)
      let now = call.caller.transport.statistics
      #expect(now.requestsSent > statistics.requestsSent && now.responsesReceived > statistics.responsesReceived)
      #expect(now.consentRequestsSent >= statistics.consentRequestsSent)
      statistics = now
    }
    #expect(call.isNominated)
    #expect(call.caller.transport.generation == 4 && call.callee.transport.generation == 4)
  }

  @Test("the former credentials are refused once the new generation has settled")
  func oldCredentials() {
    let call = Self.connected()
    let old = (call.caller.transport.localParameters, call.callee.transport.localParameters)
    call.restart(call.caller)
    #expect(Self.traffic(call, for: .seconds(10)) == 0)
    let before = call.caller.transport.statistics
    let request = ForgeryTests.request(
      username: "\(old.0.usernameFragment):\(old.1.usernameFragment)", password: old.0.password)
    call.network.inject(
      request, from: ICECall.address("198.51.100.2", 5000), to: ICECall.address("198.51.100.1", 5000),
      in: VirtualNetwork.internet)
    call.network.run(for: .milliseconds(50))
    let after = call.caller.transport.statistics
    #expect(after.checks.messagesDropped == before.checks.messagesDropped + 1)
  }

  @Test("a restart replaces a path that is lost for good")
  func lostPath() {
    let call = Self.connected(.init(addresses: ["198.51.100.1", "198.51.100.3"]))
    call.network.isBlocked = {
      $0.source.ipAddress == "198.51.100.1" || $0.destination.ipAddress == "198.51.100.1"
    }
    call.network.run(for: .seconds(5))
    call.restart(call.caller)
    call.network.run(for: .seconds(3))
    #expect(call.isNominated)
    #expect(call.caller.transport.selectedPair?.local.address == ICECall.address("198.51.100.3", 5000))
    #expect(call.carriesData())
  }

  @Test("a peer that keeps restarting is followed a few times per minute")
  func flood() {
    let call = Self.connected()
    let told = call.caller.candidates.count
    let asked = call.network.turnServers[0].requests.count
    for number in 0..<1000 {
      call.caller.transport.restart(
        ICEParameters(usernameFragment: "flood\(number)", password: "a password of 22 chars"), now: call.network.now)
      call.caller.takeEvents(now: call.network.now)
    }
    #expect(call.caller.transport.generation == 8)
    call.network.run(for: .seconds(20))
    #expect(call.caller.candidates.count - told <= 8 * 3)
    #expect(call.network.turnServers[0].requests.count - asked <= 8 * 3)
    call.network.run(for: .seconds(10))
    for number in 0..<2 {
      call.network.run(for: .seconds(31))
      call.caller.transport.restart(
        ICEParameters(usernameFragment: "late\(number)", password: "a password of 22 chars"), now: call.network.now)
    }
    #expect(call.caller.transport.generation > 8)
  }

  @Test("permissions for candidates of a former generation are not renewed")
  func formerPermissions() {
    let call = Self.connected(.init(addresses: ["198.51.100.1"], policy: .relay))
    for round in 0..<10 {
      call.caller.transport.restart(
        ICEParameters(usernameFragment: "round\(round)", password: "a password of 22 chars"), now: call.network.now)
      for number in 0..<100 {
        call.caller.transport.addRemoteCandidate(
          ICECandidate(
            foundation: "1", priority: 9, address: ICECall.address("192.0.\(2 + round).\(1 + number)", 5000),
            kind: .host),
          now: call.network.now)
      }
      call.network.run(for: .seconds(10))
    }
    let permissions = { call.network.turnServers[0].requests.count { $0.method == .createPermission } }
    let before = permissions()
    #expect(before > 500)
    call.network.run(for: .seconds(230))
    #expect(permissions() - before <= 200)
    #expect(call.carriesData())
  }
}
