import ICE
import NIOCore

/// An `ICETransport` on a virtual network that keeps what happened to it.
package final class ICEHost: VirtualHost {
  package var transport: ICETransport
  package private(set) var candidates: [ICECandidate] = []
  package private(set) var events: [ICETransport.Event] = []
  package private(set) var received: [ByteBuffer] = []
  /// When each state began.
  package private(set) var states: [(state: ICETransportState, at: NIODeadline)] = []
  /// Where candidates go as they come; nil: they are only kept.
  package var onCandidate: ((ICECandidate) -> Void)?
  /// Our ICE restart is to be told.
  package var onRestart: (() -> Void)?
  private var data = CircularBuffer<Transmit>()

  package init(
    role: ICERole, configuration: ICETransport.Configuration = .init(), seed: UInt64
  ) {
    transport = ICETransport(
      configuration: configuration, role: role, generator: SeededGenerator(seed: seed))
  }

  package func receive(
    _ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint, now: NIODeadline
  ) {
    if let payload = transport.receive(datagram, from: source, on: endpoint, now: now) { received.append(payload) }
    takeEvents(now: now)
  }

  package func handleTimeout(now: NIODeadline) {
    transport.handleTimeout(now: now)
    takeEvents(now: now)
  }

  package func pollTransmit() -> Transmit? { transport.pollTransmit() ?? data.popFirst() }
  package var deadline: NIODeadline? { transport.deadline }
  package func pollConnectionRequest() -> ConnectionRequest? { transport.pollConnectionRequest() }

  package func connected(_ endpoint: LocalEndpoint, now: NIODeadline) {
    transport.connected(endpoint, now: now)
    takeEvents(now: now)
  }

  package func disconnected(_ endpoint: LocalEndpoint, reason: String, now: NIODeadline) {
    transport.disconnected(endpoint, reason: reason, now: now)
    takeEvents(now: now)
  }

  /// Queues data for the selected pair; whether there was one.
  @discardableResult
  package func send(_ text: String, now: NIODeadline) -> Bool {
    var payload = ByteBuffer(string: text)
    guard let transmit = transport.send(&payload, now: now) else { return false }
    data.append(transmit)
    return true
  }

  package func takeEvents(now: NIODeadline) {
    while let event = transport.pollEvent() {
      events.append(event)
      switch event {
      case .localCandidate(let candidate):
        candidates.append(candidate)
        onCandidate?(candidate)
      case .stateChange(let state):
        states.append((state, now))
      case .restarted:
        onRestart?()
      case .gatheringComplete, .selectedPairChange, .pathChange, .roundTripMeasured, .candidateError: break
      }
    }
  }
}
