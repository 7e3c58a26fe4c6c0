import NIOCore

/// Obtains server-reflexive addresses by Binding requests to several servers from several endpoints in parallel (RFC
/// 8445 section 5.1.1.2, RFC 8489 section 6.2.1).
package struct STUNBindingClient: Sendable {
  package enum Event: Hashable, Sendable {
    /// A server returned a mapped address. The round-trip time is nil after a retransmission, since it is unknown which
    /// transmission was answered.
    case mapped(
      SocketAddress, server: SocketAddress, endpoint: LocalEndpoint, roundTripTime: TimeAmount?)
    case failed(STUNBindingError, server: SocketAddress, endpoint: LocalEndpoint)
  }

  private struct Query: Sendable {
    let id: TransactionID
    let request: Transmit
    var timer: RetransmissionTimer
  }

  private var generator: any RandomNumberGenerator & Sendable
  private var queries: [Query] = []
  private var outgoing = CircularBuffer<Transmit>()
  private var events = CircularBuffer<Event>()

  package init(generator: any RandomNumberGenerator & Sendable) {
    self.generator = generator
  }

  /// Whether a query awaits its response.
  package var isBusy: Bool { !queries.isEmpty }

  package mutating func query(_ server: SocketAddress, from endpoint: LocalEndpoint, now: NIODeadline) {
    let message = STUNMessage(.request, .binding, transactionID: TransactionID(using: &generator))
    let request = Transmit(endpoint: endpoint, remote: server, payload: message.encoded())
    queries.append(Query(id: message.transactionID, request: request, timer: RetransmissionTimer(now: now)))
    outgoing.append(request)
  }

  /// Drops the queries from this endpoint.
  package mutating func cancel(_ endpoint: LocalEndpoint) {
    queries.removeAll { $0.request.endpoint == endpoint }
    outgoing.removeAll { $0.endpoint == endpoint }
  }

  /// Takes a datagram; returns false if it is no response to one of the queries.
  package mutating func receive(
    _ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint, now: NIODeadline
  ) -> Bool {
    guard STUNMessage.looksLikeSTUN(datagram), let message = try? STUNMessage(parsing: datagram) else { return false }
    return receive(message, from: source, on: endpoint, now: now)
  }

  /// Takes a message that the caller has parsed already; returns false if it is no response to one of the queries.
  package mutating func receive(
    _ message: STUNMessage, from source: SocketAddress, on endpoint: LocalEndpoint, now: NIODeadline
  ) -> Bool {
    guard
      message.method == .binding, message.messageClass == .success || message.messageClass == .error,
      let index = queries.firstIndex(where: {
        $0.id == message.transactionID && $0.request.remote == source && $0.request.endpoint == endpoint
      })
    else { return false }
    let query = queries.remove(at: index)
    // Unknown comprehension-required attributes do not fail the query: old servers add some of RFC 3489.
    do throws(STUNBindingError) {
      let mapped = try message.reflexiveAddress(from: source)
      let roundTripTime = query.timer.transmissions == 1 ? now - query.timer.start : nil
      events.append(.mapped(mapped, server: source, endpoint: endpoint, roundTripTime: roundTripTime))
    } catch {
      events.append(.failed(error, server: source, endpoint: endpoint))
    }
    return true
  }

  package var deadline: NIODeadline? { queries.lazy.map(\.timer.deadline).min() }

  package mutating func handleTimeout(now: NIODeadline) {
    for index in queries.indices.reversed() {
      let request = queries[index].request
      switch queries[index].timer.handleTimeout(now: now) {
      case .retransmit: outgoing.append(request)
      case .giveUp:
        queries.remove(at: index)
        events.append(.failed(.timeout, server: request.remote, endpoint: request.endpoint))
      case nil: break
      }
    }
  }

  package mutating func pollTransmit() -> Transmit? { outgoing.popFirst() }
  package mutating func pollEvent() -> Event? { events.popFirst() }
}
