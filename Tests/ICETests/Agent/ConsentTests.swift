import ICE
import NIOCore
import TestSupport
import Testing

@Suite("Consent freshness (RFC 7675) and patience (RFC 8863)")
struct ConsentTests {
  @Test("consent expires 30 s after the last answer of the peer and not earlier")
  func lost() {
    let call = ICECall()
    call.start()
    #expect(call.connects())
    call.network.run(for: .seconds(60))
    let lostAt = call.network.now
    call.network.isBlocked = { _ in true }
    call.network.run(for: .seconds(40))
    for host in [call.caller, call.callee] {
      let failure = host.states.last
      #expect(failure?.state == .failed)
      // The last answer came at most 6 s (one interval) before the silence.
      let silence = (failure?.at ?? lostAt) - lostAt
      #expect(silence > .milliseconds(23_900) && silence <= .seconds(30))
      #expect(host.states.contains { $0.state == .disconnected })
      #expect(!host.send("~", now: call.network.now))
    }
  }

  @Test("an interruption of 20 s does not end consent")
  func interruption() {
    let call = ICECall()
    call.start()
    #expect(call.connects())
    call.network.isBlocked = { _ in true }
    call.network.run(for: .seconds(20))
    #expect(call.caller.transport.state == .disconnected)
    call.network.isBlocked = { _ in false }
    call.network.run(for: .seconds(10))
    #expect(call.caller.transport.state == .completed)
    #expect(call.carriesData())
  }

  @Test("in an hour only consent checks every 4 to 6 s, their responses and renewals of the allocation are sent")
  func hour() {
    let call = ICECall(caller: .init(nat: .symmetric, addresses: ["10.0.0.1"], policy: .relay))
    call.start()
    #expect(call.connects())
    call.network.run(for: .seconds(60))
    let before = call.caller.transport.statistics
    let requests = call.network.turnServers[0].requests.count
    call.network.run(for: .hours(1))
    let after = call.caller.transport.statistics
    #expect((600...900).contains(after.consentRequestsSent - before.consentRequestsSent))
    #expect((600...900).contains(after.responsesSent - before.responsesSent))
    #expect(after.requestsSent == before.requestsSent)
    #expect(call.caller.transport.state == .completed)
    #expect(call.network.turnServers[0].requests.count - requests < 120)
    #expect(call.carriesData())
  }

  @Test("unanswered checks fail the agent only after 39.5 s")
  func patience() {
    let call = ICECall()
    call.network.isBlocked = { _ in true }
    call.start()
    call.network.run(for: .milliseconds(39_400))
    #expect(call.caller.transport.state == .checking)
    call.network.run(for: .seconds(2))
    #expect(call.caller.transport.state == .failed)
  }

  @Test("missing candidates fail the agent only after 39.5 s")
  func noCandidates() {
    let call = ICECall()
    call.start(trickles: false)
    call.network.run(for: .milliseconds(39_400))
    #expect(call.caller.transport.state == .new)
    call.network.run(for: .milliseconds(200))
    #expect(call.caller.transport.state == .failed)
  }

  @Test("selecting a pair that answered earlier does not shorten the consent given on another pair")
  func forwardOnly() {
    var agent = ForgeryTests.agent(role: .controlled)
    let start = ForgeryTests.now
    let ours = agent.localParameters
    func check(_ source: SocketAddress, _ attributes: [STUNAttribute], at now: NIODeadline) {
      agent.receive(
        ForgeryTests.request(
          username: "\(ours.usernameFragment):them", password: ours.password,
          attributes: [.priority(2_140_000_000), .iceControlling(7)] + attributes), from: source,
        on: ForgeryTests.base, now: now)
      agent.handleTimeout(now: now + .milliseconds(50))
    }
    check(ForgeryTests.peer, [], at: start)
    LongCallTests.answerChecks(&agent, now: start)
    check(ForgeryTests.elsewhere, [], at: start + .seconds(8))
    LongCallTests.answerChecks(&agent, only: ForgeryTests.elsewhere, now: start + .seconds(8))
    check(ForgeryTests.peer, [.useCandidate], at: start + .seconds(9))
    #expect(agent.selectedPair?.remote.address == ForgeryTests.peer)
    agent.handleTimeout(now: start + .seconds(37))
    #expect(agent.state == .disconnected)
    agent.handleTimeout(now: start + .seconds(39))
    #expect(agent.state == .failed)
  }
}
