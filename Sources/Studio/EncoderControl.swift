import Dispatch
import Synchronization

/// What the event loop tells the video thread, without a lock: one atomic word each.
package final class EncoderControl: Sendable {
  /// The encodes that may be made of each picture; the first is open from the beginning.
  package let lanes: [LaneControl]
  /// For the sound that ends with the pictures.
  package let sound = SoundControl(isListening: false)
  /// 0: as the encoder was made.
  private let bitrate = Atomic<Int>(0)
  private let snapshotWanted = Atomic<Bool>(false)
  private let stopped = Atomic<Bool>(false)
  private let gate = DispatchSemaphore(value: 0)

  package init(lanes count: Int = 1) {
    lanes = (0..<count).map { LaneControl(isOpen: $0 == 0) }
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

  /// One picture is wanted as JPEG.
  package func requestSnapshot() {
    snapshotWanted.store(true, ordering: .relaxed)
  }

  package var isSnapshotWanted: Bool { snapshotWanted.load(ordering: .relaxed) }

  package func clearSnapshotRequest() {
    snapshotWanted.store(false, ordering: .relaxed)
  }

  /// Lets the video thread begin: it stands ready, with its encoder made, before the first viewer can see anything.
  package func open() {
    gate.signal()
  }

  /// Blocks until ``open()`` or ``stop()``.
  package func waitForStart() {
    gate.wait()
  }

  package func stop() {
    stopped.store(true, ordering: .relaxed)
    gate.signal()
    sound.stop()
  }

  package var isStopped: Bool { stopped.load(ordering: .relaxed) }
}
