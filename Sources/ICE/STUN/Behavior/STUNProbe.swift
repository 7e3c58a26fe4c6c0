import NIOCore

/// Asks several STUN servers several times each for the mapped address of one socket (RFC 8489 section 2).
///
/// Every request is a transaction of its own and is sent once, so that each response yields a round-trip time and
/// losses are visible. All are sent from one socket: if two servers see different addresses, the mapping depends on the
/// destination.
package struct STUNProbe: Probe {
  private struct Query: Sendable {
    let id: TransactionID
    let server: Int
    let sentAt: NIODeadline
  }

  /// The number of requests to each server.
  package static let requests = 5
  /// The time between two requests to the same server; the servers take turns within it.
  package static let interval = TimeAmount.milliseconds(200)
  /// The time to wait for responses after the last request.
  package static let patience = TimeAmount.milliseconds(2_000)

  private static let endpoint = LocalEndpoint(id: 1)
  private let servers: [SocketAddress]
  private var generator: any RandomNumberGenerator & Sendable
  private var findings: [STUNProbeFinding] = []
  /// For each server, when its finding is due; nil once it was reported.
  private var endsAt: [NIODeadline?] = []
  private var queries: [Query] = []
  private var startedAt = NIODeadline.distantFuture
  private var sentCount = 0
  private var outgoing = CircularBuffer<Transmit>()
  private var told = CircularBuffer<STUNProbeFinding>()

  /// - Parameter servers: the servers, each once and all of one address family.
  package init(servers: [SocketAddress], generator: any RandomNumberGenerator & Sendable) {
    self.servers = servers
    self.generator = generator
  }

  package var sockets: [LocalEndpoint] { [Self.endpoint] }
  package var isFinished: Bool { endsAt.allSatisfy { $0 == nil } && startedAt != .distantFuture }

  package mutating func start(at addresses: [LocalEndpoint: SocketAddress], now: NIODeadline) {
    guard let local = addresses[Self.endpoint] else { return }
    startedAt = now
    findings = servers.map { STUNProbeFinding(server: $0, local: local) }
    endsAt = servers.map { _ in now + Self.interval * (Self.requests - 1) + Self.interval + Self.patience }
    sendDue(now: now)
  }

  package mutating func receive(
    _ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint, now: NIODeadline
  ) {
    guard
      STUNMessage.looksLikeSTUN(datagram), let message = try? STUNMessage(parsing: datagram),
      message.method == .binding, message.messageClass == .success || message.messageClass == .error,
      let index = queries.firstIndex(where: { $0.id == message.transactionID && servers[$0.server] == source })
    else { return }
    let query = queries.remove(at: index)
    findings[query.server].responsesReceived += 1
    findings[query.server].roundTripTimes.record(now - query.sentAt)
    do throws(STUNBindingError) {
      let mapped = try message.reflexiveAddress(from: source)
      findings[query.server].mapped = findings[query.server].mapped ?? mapped
      findings[query.server].other = message.otherAddress(of: source) ?? findings[query.server].other
    } catch {
      findings[query.server].error = error
    }
    if findings[query.server].responsesReceived == Self.requests { tell(query.server, now: now) }
  }

  package mutating func disconnected(_ endpoint: LocalEndpoint, reason: String, now: NIODeadline) {
    for server in findings.indices {
      if findings[server].responsesReceived == 0 { findings[server].error = .disconnected(reason) }
      tell(server, now: now)
    }
  }

  package var deadline: NIODeadline? {
    let ends = endsAt.lazy.compactMap { $0 }.min()
    guard !isFinished, sentCount < total else { return ends }
    return min(dueAt(sentCount), ends ?? .distantFuture)
  }

  package mutating func handleTimeout(now: NIODeadline) {
    sendDue(now: now)
    for (server, time) in endsAt.enumerated() {
      if let time, time <= now { tell(server, now: now) }
    }
  }

  package mutating func stop(now: NIODeadline) {
    for server in findings.indices { tell(server, now: now) }
  }

  package mutating func pollTransmit() -> Transmit? { outgoing.popFirst() }
  package mutating func pollFinding() -> STUNProbeFinding? { told.popFirst() }

  private var total: Int { servers.count * Self.requests }

  private func dueAt(_ request: Int) -> NIODeadline {
    startedAt + .nanoseconds(Self.interval.nanoseconds * Int64(request) / Int64(servers.count))
  }

  private mutating func sendDue(now: NIODeadline) {
    while sentCount < total, dueAt(sentCount) <= now {
      let server = sentCount % servers.count
      sentCount += 1
      guard endsAt[server] != nil else { continue }
      let request = STUNMessage(.request, .binding, transactionID: TransactionID(using: &generator))
      queries.append(Query(id: request.transactionID, server: server, sentAt: now))
      findings[server].requestsSent += 1
      outgoing.append(Transmit(endpoint: Self.endpoint, remote: servers[server], payload: request.encoded()))
    }
  }

  private mutating func tell(_ server: Int, now: NIODeadline) {
    guard endsAt[server] != nil else { return }
    endsAt[server] = nil
    queries.removeAll { $0.server == server }
    findings[server].duration = now - startedAt
    if findings[server].mapped != nil {
      findings[server].error = nil
    } else {
      findings[server].error = findings[server].error ?? .timeout
    }
    told.append(findings[server])
  }
}
