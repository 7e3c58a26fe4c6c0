/// What one viewer has of a ``Broadcast``; to be called on its event loop.
package final class BroadcastFeed: VideoFeed {
  let id: Int
  private let broadcast: Broadcast

  init(id: Int, of broadcast: Broadcast) {
    self.id = id
    self.broadcast = broadcast
  }

  package func start() {
    broadcast.assumeIsolated { $0.start(id) }
  }

  package func requestKeyFrame() {
    broadcast.assumeIsolated { $0.requestKeyFrame(for: id) }
  }

  package func capBitrate(_ bitsPerSecond: Int, stable: Int) {
    broadcast.assumeIsolated { $0.capBitrate(bitsPerSecond, stable: stable, for: id) }
  }

  package func setListening(_ isListening: Bool) {
    broadcast.assumeIsolated { $0.setListening(isListening, for: id) }
  }

  package func setSoundLoss(_ share: Double) {
    broadcast.assumeIsolated { $0.setSoundLoss(share, for: id) }
  }

  package func setPathRate(_ bitsPerSecond: Int?) {
    broadcast.assumeIsolated { $0.setPathRate(bitsPerSecond, for: id) }
  }

  package func leave() {
    broadcast.assumeIsolated { $0.leave(id) }
  }
}
