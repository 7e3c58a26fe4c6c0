import NIOCore

/// Determines the mapping and filtering behaviour of a NAT by a server with two addresses (RFC 5780 sections 4.3 and
/// 4.4).
///
/// Mapping and filtering are tested from different sockets, because what the mapping tests send to the server's other
/// address would open the filter for the filtering tests. In each series the second and the third test do not affect
/// each other and are run in parallel.
package struct NATBehaviorDiscovery: Probe {
  /// The tests, numbered as in RFC 5780 sections 4.3 and 4.4.
  private enum Test: Hashable, Sendable {
    case mappingI, mappingII, mappingIII
    case filteringI, filteringII, filteringIII

    var isOfMapping: Bool { [.mappingI, .mappingII, .mappingIII].contains(self) }
  }

  private enum Outcome: Hashable, Sendable {
    case mapped(SocketAddress)
    case silent
    /// An error response, or a response from another address than the one asked for.
    case refused
  }

  private struct Transaction: Sendable {
    let test: Test
    let id: TransactionID
    let request: Transmit
    /// The address from which the response must come.
    let responder: SocketAddress
    var timer: RetransmissionTimer
  }

  /// Filtering tests often end without an answer, so the time is limited: three transmissions, at 0, 500 and 1500 ms,
  /// and one more second.
  private static let transmissions = 3
  private static let finalWait: Int64 = 2
  private static let mappingSocket = LocalEndpoint(id: 1)
  private static let filteringSocket = LocalEndpoint(id: 2)

  private let server: SocketAddress
  private var generator: any RandomNumberGenerator & Sendable
  private var local: SocketAddress?
  private var transactions: [Transaction] = []
  private var outcomes: [Test: Outcome] = [:]
  private var outgoing = CircularBuffer<Transmit>()
  private var finding: NATBehavior?
  package private(set) var isFinished = false

  package init(server: SocketAddress, generator: any RandomNumberGenerator & Sendable) {
    self.server = server
    self.generator = generator
  }

  package var sockets: [LocalEndpoint] { [Self.mappingSocket, Self.filteringSocket] }

  package mutating func start(at addresses: [LocalEndpoint: SocketAddress], now: NIODeadline) {
    local = addresses[Self.mappingSocket]
    send(.mappingI, to: server, now: now)
    send(.filteringI, to: server, now: now)
  }

  package mutating func receive(
    _ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint, now: NIODeadline
  ) {
    guard
      STUNMessage.looksLikeSTUN(datagram), let message = try? STUNMessage(parsing: datagram),
      message.method == .binding, message.messageClass == .success || message.messageClass == .error,
      let index = transactions.firstIndex(where: {
        $0.id == message.transactionID && $0.request.endpoint == endpoint
          && ($0.responder == source || $0.request.remote == source)
      })
    else { return }
    let transaction = transactions.remove(at: index)
    if source == transaction.responder, let mapped = try? message.reflexiveAddress(from: source) {
      outcomes[transaction.test] = .mapped(mapped)
      follow(transaction.test, other: message.otherAddress(of: server), now: now)
    } else {
      outcomes[transaction.test] = .refused
    }
    conclude()
  }

  package mutating func disconnected(_ endpoint: LocalEndpoint, reason: String, now: NIODeadline) {
    stop(now: now)
  }

  package var deadline: NIODeadline? { transactions.lazy.map(\.timer.deadline).min() }

  package mutating func handleTimeout(now: NIODeadline) {
    for index in transactions.indices.reversed() {
      switch transactions[index].timer.handleTimeout(now: now) {
      case .retransmit: outgoing.append(transactions[index].request)
      case .giveUp: outcomes[transactions.remove(at: index).test] = .silent
      case nil: break
      }
    }
    conclude()
  }

  package mutating func stop(now: NIODeadline) {
    for transaction in transactions { outcomes[transaction.test] = .silent }
    transactions.removeAll()
    conclude()
  }

  package mutating func pollTransmit() -> Transmit? { outgoing.popFirst() }

  package mutating func pollFinding() -> NATBehavior? {
    defer { finding = nil }
    return finding
  }

  // MARK: Tests

  private mutating func follow(_ test: Test, other: SocketAddress?, now: NIODeadline) {
    guard let other, let otherPort = other.port else { return }
    var (samePort, sameAddress) = (other, server)
    samePort.port = server.port
    sameAddress.port = otherPort
    switch test {
    case .mappingI:
      send(.mappingII, to: samePort, now: now)
      send(.mappingIII, to: other, now: now)
    case .filteringI:
      send(.filteringII, to: server, .changeRequest(address: true), responder: other, now: now)
      send(.filteringIII, to: server, .changeRequest(address: false), responder: sameAddress, now: now)
    default: break
    }
  }

  private mutating func send(
    _ test: Test, to remote: SocketAddress, _ attribute: STUNAttribute? = nil, responder: SocketAddress? = nil,
    now: NIODeadline
  ) {
    let message = STUNMessage(
      .request, .binding, transactionID: TransactionID(using: &generator), attributes: attribute.map { [$0] } ?? [])
    let endpoint = test.isOfMapping ? Self.mappingSocket : Self.filteringSocket
    let request = Transmit(endpoint: endpoint, remote: remote, payload: message.encoded())
    let timer = RetransmissionTimer(
      now: now, maximumTransmissions: Self.transmissions, finalWait: Self.finalWait)
    transactions.append(
      Transaction(
        test: test, id: message.transactionID, request: request, responder: responder ?? remote, timer: timer))
    outgoing.append(request)
  }

  // MARK: Results

  private mutating func conclude() {
    guard transactions.isEmpty, !isFinished else { return }
    isFinished = true
    finding = NATBehavior(local: local, mapped: mapped(.mappingI), mapping: mapping, filtering: filtering)
  }

  private func mapped(_ test: Test) -> SocketAddress? {
    if case .mapped(let address) = outcomes[test] { address } else { nil }
  }

  private var mapping: NATBehavior.Property {
    guard let first = mapped(.mappingI) else { return .unknown(.noAnswer) }
    // "the client … is not behind a NAT … and the mapping will be effectively endpoint-independent" (RFC 5780 section
    // 4.3).
    if first == local { return .known(.endpointIndependent) }
    guard outcomes[.mappingII] != nil else { return .unknown(.oneAddress) }
    guard let second = mapped(.mappingII) else { return .unknown(.otherAddressSilent) }
    if first == second { return .known(.endpointIndependent) }
    guard let third = mapped(.mappingIII) else { return .unknown(.otherAddressSilent) }
    return .known(second == third ? .addressDependent : .addressAndPortDependent)
  }

  private var filtering: NATBehavior.Property {
    guard mapped(.filteringI) != nil else { return .unknown(.noAnswer) }
    guard
      let (second, third) = outcomes[.filteringII].flatMap({ second in
        outcomes[.filteringIII].map { (second, $0) }
      })
    else { return .unknown(.oneAddress) }
    if case .mapped = second { return .known(.endpointIndependent) }
    guard second != .refused, third != .refused else { return .unknown(.requestNotHonoured) }
    // If the other address does not answer even requests to itself, its silence tells nothing about the filter.
    guard mapped(.mappingII) != nil || mapped(.mappingIII) != nil else { return .unknown(.otherAddressSilent) }
    if case .mapped = third { return .known(.addressDependent) }
    return .known(.addressAndPortDependent)
  }
}
