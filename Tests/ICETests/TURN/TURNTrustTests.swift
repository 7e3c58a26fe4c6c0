import ICE
import NIOCore
import TestSupport
import Testing

@Suite("Authentication of TURN responses")
struct TURNTrustTests {
  @Test("an unsigned success response is refused and reported at once")
  func unsigned() {
    let testbed = TURNTestbed(.mongooseICE)
    testbed.allocate()
    #expect(testbed.events == [.failed(.unsignedResponse)])
    #expect(testbed.client.statistics.responsesRefused == 1)
    #expect(testbed.client.relayedAddress == nil)
  }

  @Test("a server without authentication is refused, since its success response is unsigned")
  func unauthenticated() {
    var configuration = TestTURNServer.Configuration()
    configuration.asksForCredentials = false
    let testbed = TURNTestbed(configuration)
    testbed.allocate()
    #expect(testbed.events == [.failed(.unsignedResponse)])
    let relaxed = TURNTestbed(configuration, relaxed: true)
    relaxed.allocate()
    #expect(relaxed.client.relayedAddress != nil)
  }

  @Test("unsigned responses are accepted in relaxed mode")
  func relaxed() {
    let testbed = TURNTestbed(.mongooseICE, relaxed: true)
    testbed.allocate()
    #expect(testbed.client.relayedAddress != nil)
    testbed.permit()
    #expect(testbed.client.isPermitted(TURNTestbed.peer))
  }

  @Test("a wrong signature is never accepted, not even in relaxed mode", arguments: [false, true])
  func wrongSignature(relaxed: Bool) {
    var configuration = TestTURNServer.Configuration()
    configuration.signature = .wrong
    let testbed = TURNTestbed(configuration, relaxed: relaxed)
    testbed.allocate()
    #expect(testbed.events.isEmpty)
    testbed.run(for: .seconds(40))
    #expect(testbed.events == [.failed(.integrityMismatch)])
    #expect(testbed.client.statistics.responsesRefused == 7)
  }

  @Test("an unsigned success response in a session is ignored, and the signed one is accepted")
  func forgedSuccess() throws {
    let testbed = TURNTestbed.allocated()
    testbed.client.permit(TURNTestbed.peer, now: testbed.clock.now)
    let request = try STUNMessage(parsing: #require({ testbed.client.pollTransmit() }()).payload)
    let forged = STUNMessage(.success, .createPermission, transactionID: request.transactionID)
    _ = testbed.receive(forged.encoded())
    #expect(!testbed.client.isPermitted(TURNTestbed.peer))
    let key = IntegrityKey(username: "cam", realm: "example.org", password: "secret")
    _ = testbed.receive(forged.encoded(integrityKey: key))
    #expect(testbed.client.isPermitted(TURNTestbed.peer))
  }

  @Test(
    "unsigned errors are accepted only if servers commonly do not sign them",
    arguments: [
      (400, true), (401, true), (437, true), (438, true), (441, true), (300, false), (403, false), (420, false),
      (442, false), (443, false), (486, false), (500, false), (508, false),
    ])
  func unsignedErrors(code: Int, isBelieved: Bool) throws {
    let testbed = TURNTestbed.allocated()
    testbed.client.permit(TURNTestbed.peer, now: testbed.clock.now)
    let request = try STUNMessage(parsing: #require({ testbed.client.pollTransmit() }()).payload)
    let forged = STUNMessage(
      .error, .createPermission, transactionID: request.transactionID, attributes: [.errorCode(STUNErrorCode(code))])
    _ = testbed.receive(forged.encoded())
    testbed.settle()
    #expect(testbed.events.isEmpty == !isBelieved)
    #expect(testbed.client.statistics.responsesRefused == (isBelieved ? 0 : 1))
  }

  @Test(
    "an unsigned error to Allocate is reported by its own code",
    arguments: [
      (403, .forbidden), (420, .rejected(STUNErrorCode(420, "r"))), (486, .quotaReached),
      (500, .rejected(STUNErrorCode(500, "r"))), (508, .insufficientCapacity), (300, .unsignedResponse),
    ] as [(Int, TURNError)])
  func unsignedAllocateErrors(code: Int, error: TURNError) {
    var configuration = TestTURNServer.Configuration()
    configuration.signature = .none
    configuration.errors[.allocate] = [STUNErrorCode(code, "r")]
    let testbed = TURNTestbed(configuration)
    testbed.allocate()
    #expect(testbed.events == [.failed(error)])
    #expect(testbed.client.relayedAddress == nil)
  }

  @Test("an unsigned error in a session is reported once the request times out")
  func unsignedPermissionError() {
    let testbed = TURNTestbed.allocated()
    testbed.server.configuration.signature = .none
    testbed.server.configuration.errors[.createPermission] = Array(repeating: STUNErrorCode(403), count: 7)
    testbed.permit()
    #expect(testbed.events.isEmpty)
    testbed.run(for: .seconds(40))
    #expect(testbed.events == [.peerRefused(TURNTestbed.peer, .forbidden)])
  }

  @Test("a signed response with an unknown comprehension-required attribute fails the request")
  func unknownAttribute() throws {
    for (type, isUnderstood) in [(UInt16(0x8888), true), (0x7777, false)] {
      let testbed = TURNTestbed.allocated()
      testbed.client.permit(TURNTestbed.peer, now: testbed.clock.now)
      let request = try STUNMessage(parsing: #require({ testbed.client.pollTransmit() }()).payload)
      let response = STUNMessage(
        .success, .createPermission, transactionID: request.transactionID,
        attributes: [.unknown(type: type, ByteBuffer())])
      let key = IntegrityKey(username: "cam", realm: "example.org", password: "secret")
      _ = testbed.receive(response.encoded(integrityKey: key))
      testbed.settle()
      #expect(testbed.client.isPermitted(TURNTestbed.peer) == isUnderstood)
      #expect(testbed.events == (isUnderstood ? [] : [.peerRefused(TURNTestbed.peer, .malformedResponse)]))
    }
  }

  @Test("an unsigned 300 response to a signed request is not followed")
  func forgedRedirection() {
    let testbed = TURNTestbed()
    testbed.mangles = { payload in
      guard let message = try? STUNMessage(parsing: payload), message.messageClass == .success else { return payload }
      return STUNMessage(
        .error, .allocate, transactionID: message.transactionID,
        attributes: [.errorCode(STUNErrorCode(300)), .alternateServer(stunAddress("192.0.2.66", 3478))]
      ).encoded()
    }
    testbed.allocate()
    #expect(testbed.client.server == TURNTestbed.serverAddress)
    #expect(testbed.events == [.failed(.unsignedResponse)])
  }

  @Test("a response to another method or transaction is ignored")
  func mismatchedResponses() throws {
    let testbed = TURNTestbed()
    testbed.client.allocate(now: testbed.clock.now)
    let request = try STUNMessage(parsing: #require({ testbed.client.pollTransmit() }()).payload)
    let outcomes = [
      testbed.receive(STUNMessage(.success, .refresh, transactionID: request.transactionID).encoded()),
      testbed.receive(
        STUNMessage(.success, .allocate, transactionID: TransactionID(high: 0, low: 0)).encoded()),
      testbed.receive(
        STUNMessage(.success, .allocate, transactionID: request.transactionID).encoded(),
        from: stunAddress("198.51.100.1", 3479)),
    ]
    for outcome in outcomes {
      #expect({ if case .notMine = outcome { true } else { false } }())
    }
    testbed.settle()
    #expect(testbed.events.isEmpty)
  }

  @Test("a duplicate of a response is ignored")
  func duplicates() {
    let testbed = TURNTestbed()
    var copies: [ByteBuffer] = []
    testbed.mangles = { payload in
      copies.append(payload)
      return payload
    }
    testbed.allocate()
    for copy in copies {
      let outcome = testbed.receive(copy)
      #expect({ if case .notMine = outcome { true } else { false } }())
    }
    testbed.settle()
    #expect(testbed.events.count == 1 && testbed.sent.count == 2)
  }

  @Test("random and mutated datagrams from the server's address change no state")
  func hostility() {
    let testbed = TURNTestbed()
    var genuine: [ByteBuffer] = []
    testbed.mangles = { payload in
      genuine.append(payload)
      return payload
    }
    testbed.allocate()
    testbed.permit()
    testbed.bindChannel(TURNTestbed.otherPeer)
    testbed.events.removeAll()
    testbed.run(for: .seconds(539))
    // A Refresh is under way, so that there is something to forge; its true answer is mutated too.
    testbed.mangles = { payload in
      genuine.append(payload)
      return nil
    }
    testbed.run(for: .seconds(1))
    let refreshAnswer = genuine.last
    var generator = SeededGenerator(seed: 2000)
    for _ in 0..<1000 {
      let bytes = (0..<Int.random(in: 0...200, using: &generator)).map { _ in generator.next() as UInt8 }
      _ = testbed.receive(ByteBuffer(bytes: bytes))
    }
    for _ in 0..<1000 {
      guard var datagram = (Bool.random(using: &generator) ? refreshAnswer : genuine.randomElement(using: &generator))
      else { continue }
      let bit = Int.random(in: 0..<datagram.readableBytes * 8, using: &generator)
      datagram.setInteger((datagram.getInteger(at: bit / 8) ?? 0 as UInt8) ^ 1 << (bit % 8), at: bit / 8)
      _ = testbed.receive(datagram)
    }
    testbed.settle()
    #expect(testbed.events.isEmpty)
    #expect(testbed.received.isEmpty)
    #expect(testbed.client.relayedAddress != nil)
    testbed.mangles = { $0 }
    testbed.run(for: .seconds(35))
    #expect(testbed.send("alive") && testbed.send("alive", to: TURNTestbed.otherPeer))
    #expect(testbed.delivered.count == 2)
    #expect(testbed.events.isEmpty)
  }
}
