import Dispatch
import NIOCore
import Synchronization

/// What the event loop tells a sound thread, without a lock.
package final class SoundControl: Sendable {
  private let stopped = Atomic<Bool>(false)
  private let bell = DispatchSemaphore(value: 0)

  package init() {}

  package func stop() {
    stopped.store(true, ordering: .relaxed)
    bell.signal()
  }

  package var isStopped: Bool { stopped.load(ordering: .relaxed) }

  /// Blocks for that long, or until ``stop()``.
  func wait(_ time: TimeAmount) {
    _ = bell.wait(timeout: .now() + .nanoseconds(Int(time.nanoseconds)))
  }
}
