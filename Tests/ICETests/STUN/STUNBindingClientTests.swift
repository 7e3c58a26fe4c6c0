import ICE
import NIOCore
import TestSupport
import Testing

@Suite("STUN Binding client")
final class STUNBindingClientTests {
  private let endpoint = LocalEndpoint(id: 1)
  private let server = stunAddress("198.51.100.1", 3478)
  private let mapped = stunAddress("203.0.113.9", 40_000)
  private var clock = ManualClock()
  private var client = STUNBindingClient(generator: SeededGenerator(seed: 1))

  private func receive(
    _ datagram: ByteBuffer, from source: SocketAddress? = nil, on endpoint: LocalEndpoint? = nil
  ) -> Bool {
    client.receive(datagram, from: source ?? server, on: endpoint ?? self.endpoint, now: clock.now)
  }

  private func nextTransmit() -> Transmit? { client.pollTransmit() }
  private func nextEvent() -> STUNBindingClient.Event? { client.pollEvent() }

  private func answer(_ request: Transmit?, _ messageClass: STUNMessageClass, _ attributes: [STUNAttribute]) throws
    -> ByteBuffer
  {
    let request = try STUNMessage(parsing: #require(request).payload)
    return STUNMessage(
      messageClass, .binding, transactionID: request.transactionID, attributes: attributes
    ).encoded()
  }

  @Test("the Binding request has no attributes that could upset a server")
  func bareRequest() throws {
    client.query(server, from: endpoint, now: clock.now)
    let request = try #require(nextTransmit())
    #expect(request.remote == server && request.endpoint == endpoint)
    #expect(request.payload.readableBytes == 20)
    #expect(try STUNMessage(parsing: request.payload).method == .binding)
    #expect(nextTransmit() == nil)
  }

  @Test("the mapped address is reported with the round-trip time of an unrepeated request")
  func success() throws {
    client.query(server, from: endpoint, now: clock.now)
    let response = try answer(
      nextTransmit(), .success, [.mappedAddress(server), .xorMappedAddress(mapped)])
    clock.advance(by: .milliseconds(30))
    #expect(receive(response))
    #expect(
      nextEvent()
        == .mapped(mapped, server: server, endpoint: endpoint, roundTripTime: .milliseconds(30)))
    #expect(client.deadline == nil && !client.isBusy)
    #expect(!receive(response), "answered already")
    #expect(nextEvent() == nil)
  }

  @Test("the MAPPED-ADDRESS of an old server is accepted, and its unknown attributes are ignored")
  func oldServer() throws {
    client.query(server, from: endpoint, now: clock.now)
    let response = try answer(
      nextTransmit(), .success,
      [.unknown(type: 0x0004, ByteBuffer(repeating: 0, count: 8)), .mappedAddress(mapped)])
    _ = receive(response)
    #expect(
      nextEvent() == .mapped(mapped, server: server, endpoint: endpoint, roundTripTime: .zero))
  }

  @Test("responses from elsewhere, on another endpoint, or to no request are ignored")
  func strangers() throws {
    client.query(server, from: endpoint, now: clock.now)
    let response = try answer(nextTransmit(), .success, [.xorMappedAddress(mapped)])
    let other = stunAddress("198.51.100.1", 3479)
    #expect(!receive(response, from: other))
    #expect(!receive(response, on: LocalEndpoint(id: 2)))
    let foreign = STUNMessage(
      .success, .binding, transactionID: TransactionID(high: 1, low: 1), attributes: [.xorMappedAddress(mapped)])
    #expect(!receive(foreign.encoded()))
    #expect(nextEvent() == nil && client.isBusy)
  }

  @Test("error responses and responses without an address are failures")
  func failures() throws {
    client.query(server, from: endpoint, now: clock.now)
    let rejection = try answer(nextTransmit(), .error, [.errorCode(STUNErrorCode(500, "no"))])
    _ = receive(rejection)
    #expect(nextEvent() == .failed(.rejected(STUNErrorCode(500, "no")), server: server, endpoint: endpoint))
    client.query(server, from: endpoint, now: clock.now)
    let empty = try answer(nextTransmit(), .success, [])
    _ = receive(empty)
    #expect(nextEvent() == .failed(.malformedResponse, server: server, endpoint: endpoint))
  }

  @Test("an impossible mapped address is a failure, except from a server on this host")
  func unusableAddress() throws {
    let local = stunAddress("127.0.0.1", 3478)
    for (server, address, isUsable) in [
      (server, "0.0.0.0", false), (server, "127.0.0.1", false), (server, "239.1.2.3", false),
      (local, "127.0.0.1", true),
    ] {
      let mapped = stunAddress(address, 40_000)
      client.query(server, from: endpoint, now: clock.now)
      _ = receive(try answer(nextTransmit(), .success, [.xorMappedAddress(mapped)]), from: server)
      #expect(
        nextEvent()
          == (isUsable
            ? .mapped(mapped, server: server, endpoint: endpoint, roundTripTime: .zero)
            : .failed(.unusableAddress, server: server, endpoint: endpoint)))
    }
  }

  @Test("several servers are asked in parallel, and a silent one seven times in 39.5 s")
  func timeout() throws {
    let silent = stunAddress("198.51.100.2", 3478)
    client.query(server, from: endpoint, now: clock.now)
    client.query(silent, from: endpoint, now: clock.now)
    let first = nextTransmit()
    var transmissions = [try #require(nextTransmit())]
    _ = receive(try answer(first, .success, [.xorMappedAddress(mapped)]))
    let start = clock.now
    while let deadline = client.deadline {
      clock.advance(to: deadline)
      client.handleTimeout(now: clock.now)
      while let transmit = nextTransmit() { transmissions.append(transmit) }
    }
    #expect(transmissions.count == 7)
    #expect(Set(transmissions.map(\.payload)).count == 1)
    #expect(clock.now - start == .milliseconds(39_500))
    _ = nextEvent()
    #expect(nextEvent() == .failed(.timeout, server: silent, endpoint: endpoint))
  }

  @Test("the round-trip time of a repeated request is unknown")
  func ambiguousRoundTrip() throws {
    client.query(server, from: endpoint, now: clock.now)
    let request = nextTransmit()
    clock.advance(by: .milliseconds(500))
    client.handleTimeout(now: clock.now)
    _ = receive(try answer(request, .success, [.xorMappedAddress(mapped)]))
    #expect(nextEvent() == .mapped(mapped, server: server, endpoint: endpoint, roundTripTime: nil))
  }

  @Test("a removed endpoint is neither used nor reported")
  func cancel() {
    client.query(server, from: endpoint, now: clock.now)
    client.query(server, from: LocalEndpoint(id: 2), now: clock.now)
    client.cancel(endpoint)
    #expect(nextTransmit()?.endpoint == LocalEndpoint(id: 2))
    #expect(nextTransmit() == nil)
    #expect(client.isBusy)
  }
}
