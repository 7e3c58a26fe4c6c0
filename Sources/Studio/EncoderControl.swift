import Dispatch
import Synchronization

/// What the event loop tells the video thread, without a lock: one atomic word each.
package final class EncoderControl: Sendable {
  private let bitrateCap = Atomic<Int>(Int.max)
  private let stableBitrateCap = Atomic<Int>(Int.max)
  /// 0: as the encoder was made.
  private let bitrate = Atomic<Int>(0)
  private let keyFrameWanted = Atomic<Bool>(false)
  private let snapshotWanted = Atomic<Bool>(false)
  private let layered = Atomic<Bool>(false)
  private let stopped = Atomic<Bool>(false)
  private let gate = DispatchSemaphore(value: 0)

  package init() {}

  /// The bitrate that the network takes, in bits per second; the encoder keeps within its own limits.
  ///
  /// - Parameter stable: the same without what is to be made up for at the moment: by this the size is chosen.
  package func capBitrate(_ bitsPerSecond: Int, stable: Int) {
    bitrateCap.store(bitsPerSecond, ordering: .relaxed)
    stableBitrateCap.store(stable, ordering: .relaxed)
  }

  /// Sets the highest target of the encoder from now on, in bits per second.
  package func setBitrate(_ bitsPerSecond: Int) {
    bitrate.store(bitsPerSecond, ordering: .relaxed)
  }

  /// The highest target of the encoder; nil: the one that it was made with.
  package var maximumBitrate: Int? {
    let value = bitrate.load(ordering: .relaxed)
    return value == 0 ? nil : value
  }

  /// The bitrate that the network takes; nil: nothing is known of it.
  package var availableBitrate: Int? {
    let value = bitrateCap.load(ordering: .relaxed)
    return value == .max ? nil : value
  }

  /// The bitrate that the network takes for some time to come; nil: nothing is known of it.
  package var stableBitrate: Int? {
    let value = stableBitrateCap.load(ordering: .relaxed)
    return value == .max ? nil : value
  }

  package func requestKeyFrame() {
    keyFrameWanted.store(true, ordering: .relaxed)
  }

  /// Whether a key frame was asked for since the last time this was called.
  package func takeKeyFrameRequest() -> Bool {
    keyFrameWanted.exchange(false, ordering: .relaxed)
  }

  /// One picture is wanted as JPEG.
  package func requestSnapshot() {
    snapshotWanted.store(true, ordering: .relaxed)
  }

  package var isSnapshotWanted: Bool { snapshotWanted.load(ordering: .relaxed) }

  package func clearSnapshotRequest() {
    snapshotWanted.store(false, ordering: .relaxed)
  }

  /// Whether some receivers are to be sent only every other frame.
  package var isLayered: Bool {
    get { layered.load(ordering: .relaxed) }
    set { layered.store(newValue, ordering: .relaxed) }
  }

  /// Lets the video thread begin: it stands ready, with its encoder made, before the first viewer can see anything.
  package func start() {
    gate.signal()
  }

  /// Blocks until ``start()`` or ``stop()``.
  package func waitForStart() {
    gate.wait()
  }

  package func stop() {
    stopped.store(true, ordering: .relaxed)
    gate.signal()
  }

  package var isStopped: Bool { stopped.load(ordering: .relaxed) }
}
