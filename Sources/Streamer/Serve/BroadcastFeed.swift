/// What one viewer has of a ``Broadcast``; all on its event loop.
final class BroadcastFeed: VideoFeed {
  let id: Int
  private let broadcast: Broadcast

  init(id: Int, of broadcast: Broadcast) {
    self.id = id
    self.broadcast = broadcast
  }

  func start() {
    broadcast.assumeIsolated { $0.start(id) }
  }

  func requestKeyFrame() {
    broadcast.assumeIsolated { $0.requestKeyFrame(for: id) }
  }

  func capBitrate(_ bitsPerSecond: Int) {
    broadcast.assumeIsolated { $0.capBitrate(bitsPerSecond, for: id) }
  }

  func leave() {
    broadcast.assumeIsolated { $0.leave(id) }
  }
}
