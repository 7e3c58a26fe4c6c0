import ICE

/// Whether the device at the other end is still there, by its path and by its server.
struct PeerPresence: Sendable {
  /// Nothing was heard of it for some seconds.
  private(set) var isPathLost = false
  /// What its server says.
  var isAvailable = true

  /// Both say that it is gone.
  var isDeserted: Bool { isPathLost && !isAvailable }

  mutating func take(_ state: ICETransportState) {
    switch state {
    case .disconnected, .failed: isPathLost = true
    case .connected, .completed: isPathLost = false
    // A restart looks for another path at once, and the peer is as silent as before.
    case .new, .checking, .closed: break
    }
  }
}
