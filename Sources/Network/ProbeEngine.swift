import ICE
import NIOCore

/// A ``Probe`` with sockets: it starts when each of them is open or known to be impossible.
final class ProbeEngine<Driven: Probe>: NetworkEngine {
  enum Event: Sendable {
    case found(Driven.Finding)
    case finished
  }

  /// All that was found so far.
  private(set) var findings: [Driven.Finding] = []
  private var probe: Driven
  private var addresses: [LocalEndpoint: SocketAddress] = [:]
  /// Why the system is of no use to these sockets.
  private var failures: [LocalEndpoint: String] = [:]
  private var isOver = false

  init(_ probe: Driven) {
    self.probe = probe
  }

  // MARK: Sockets

  var transportMedia: [LocalEndpoint] { probe.sockets }
  var remote: SocketAddress? { probe.remote }

  func addLocalEndpoint(
    _ endpoint: LocalEndpoint, address: SocketAddress, for medium: LocalEndpoint, now: NIODeadline
  ) {
    precondition(endpoint == medium, "the sockets of a probe are numbered in the order of its list")
    addresses[medium] = address
    startIfComplete(now: now)
  }

  func localEndpointRefused(at address: SocketAddress, for medium: LocalEndpoint, reason: String, now: NIODeadline) {
    addresses[medium] = address
    failures[medium] = reason
    startIfComplete(now: now)
  }

  private var isStarted: Bool { addresses.count == probe.sockets.count }

  private func startIfComplete(now: NIODeadline) {
    guard isStarted else { return }
    probe.start(at: addresses, now: now)
    for (endpoint, reason) in failures { probe.disconnected(endpoint, reason: reason, now: now) }
  }

  /// The first reason counts.
  func socketFailed(_ endpoint: LocalEndpoint, reason: String, now: NIODeadline) {
    guard failures[endpoint] == nil else { return }
    failures[endpoint] = reason
    if isStarted, !probe.isFinished { probe.disconnected(endpoint, reason: reason, now: now) }
  }

  /// Its failure has been told.
  func removeLocalEndpoint(_ endpoint: LocalEndpoint, now: NIODeadline) {}

  // MARK: What happens

  func receive(_ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint, now: NIODeadline) {
    if isStarted { probe.receive(datagram, from: source, on: endpoint, now: now) }
  }

  func connected(_ endpoint: LocalEndpoint, now: NIODeadline) {
    probe.connected(endpoint, now: now)
  }

  func disconnected(_ endpoint: LocalEndpoint, reason: String, now: NIODeadline) {
    probe.disconnected(endpoint, reason: reason, now: now)
  }

  func handleTimeout(now: NIODeadline) {
    probe.handleTimeout(now: now)
  }

  func close(now: NIODeadline) {
    if isStarted, !probe.isFinished { probe.stop(now: now) }
  }

  var deadline: NIODeadline? { isStarted && !probe.isFinished ? probe.deadline : nil }

  func pollEvent() -> Event? {
    if let finding = probe.pollFinding() {
      findings.append(finding)
      return .found(finding)
    }
    guard isStarted, probe.isFinished, !isOver else { return nil }
    isOver = true
    return .finished
  }

  func pollTransmit(now: NIODeadline) -> Transmit? { probe.pollTransmit() }
  func pollConnectionRequest() -> ConnectionRequest? { probe.pollConnectionRequest() }
}

extension Probe {
  /// Runs the probe over sockets that are bound to `source`.
  ///
  /// - Parameters:
  ///   - caFile: authorities to trust in besides the system's.
  ///   - onFinding: is called on the event loop.
  /// - Returns: all that it found, when it is over: by itself, at `end`, or where the task is cancelled.
  package func run(
    from source: SocketAddress, until end: NIODeadline, on eventLoop: any EventLoop, caFile: String?,
    onFinding: @escaping @Sendable (Finding) -> Void
  ) async -> [Finding] {
    let (course, continuation) = AsyncStream.makeStream(of: Never.self)
    let driver = EngineDriver(ProbeEngine(self), on: eventLoop, caFile: caFile) { event in
      switch event {
      case .found(let finding): onFinding(finding)
      case .finished: continuation.finish()
      }
    }
    let limit = eventLoop.scheduleTask(deadline: end) { continuation.finish() }
    // A socket that is refused has been told to the probe.
    try? await driver.open(addresses: [source])
    for await _ in course {}
    limit.cancel()
    await driver.close()
    return await driver.read { $0.findings }
  }
}
