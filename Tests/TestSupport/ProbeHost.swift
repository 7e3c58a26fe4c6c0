import ICE
import NIOCore

/// A `Probe` on a virtual network that keeps what it found, and when.
package final class ProbeHost<Tested: Probe>: VirtualHost {
  package private(set) var probe: Tested
  package private(set) var findings: [Tested.Finding] = []
  package private(set) var finishedAt: NIODeadline?

  package init(_ probe: Tested) {
    self.probe = probe
  }

  /// Binds its sockets to that IP address, to ports from 5000 on.
  package func start(on network: VirtualNetwork, at address: SocketAddress, in realm: VirtualNetwork.Realm) {
    var addresses: [LocalEndpoint: SocketAddress] = [:]
    for (index, endpoint) in probe.sockets.enumerated() {
      var local = address
      local.port = 5000 + index
      addresses[endpoint] = local
      network.bind(local, endpoint, of: self, in: realm)
    }
    probe.start(at: addresses, now: network.now)
    take(now: network.now)
  }

  package func stop(now: NIODeadline) {
    probe.stop(now: now)
    take(now: now)
  }

  package func receive(
    _ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint, now: NIODeadline
  ) {
    probe.receive(datagram, from: source, on: endpoint, now: now)
    take(now: now)
  }

  package func handleTimeout(now: NIODeadline) {
    probe.handleTimeout(now: now)
    take(now: now)
  }

  package func connected(_ endpoint: LocalEndpoint, now: NIODeadline) {
    probe.connected(endpoint, now: now)
    take(now: now)
  }

  package func disconnected(_ endpoint: LocalEndpoint, reason: String, now: NIODeadline) {
    probe.disconnected(endpoint, reason: reason, now: now)
    take(now: now)
  }

  package func pollTransmit() -> Transmit? { probe.pollTransmit() }
  package func pollConnectionRequest() -> ConnectionRequest? { probe.pollConnectionRequest() }
  package var deadline: NIODeadline? { probe.deadline }

  private func take(now: NIODeadline) {
    while let finding = probe.pollFinding() { findings.append(finding) }
    if probe.isFinished { finishedAt = finishedAt ?? now }
  }
}
