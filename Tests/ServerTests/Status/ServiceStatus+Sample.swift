@testable import Server

extension ServiceStatus {
  static func sample(calls: [Call] = [], events: [Event] = [], pairing: PairingCode? = nil) -> ServiceStatus {
    ServiceStatus(
      timestamp: 1_700_000_000_000, program: "0.1.0", jid: "cam@example.net/x", isConnected: true, state: "ready",
      source: "pattern", uptime: 60, maximumViewers: 4, allowed: 1, pairing: pairing, calls: calls, events: events)
  }
}
