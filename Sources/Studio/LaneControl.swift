import Synchronization

/// What the event loop tells the video thread of one lane, without a lock: one atomic word each.
package final class LaneControl: Sendable {
  private let bitrateCap = Atomic<Int>(Int.max)
  private let stableBitrateCap = Atomic<Int>(Int.max)
  private let keyFrameWanted = Atomic<Bool>(false)
  private let layered = Atomic<Bool>(false)
  private let open: Atomic<Bool>

  init(isOpen: Bool) {
    open = Atomic(isOpen)
  }

  /// The bitrate that the network takes, in bits per second; the encoder keeps within its own limits.
  ///
  /// - Parameter stable: the same without what is to be made up for at the moment: by this the size is chosen.
  package func capBitrate(_ bitsPerSecond: Int, stable: Int) {
    bitrateCap.store(bitsPerSecond, ordering: .relaxed)
    stableBitrateCap.store(stable, ordering: .relaxed)
  }

  /// The bitrate that the network takes; nil: nothing is known of it.
  var availableBitrate: Int? {
    let value = bitrateCap.load(ordering: .relaxed)
    return value == .max ? nil : value
  }

  /// The bitrate that the network takes for some time to come; nil: nothing is known of it.
  var stableBitrate: Int? {
    let value = stableBitrateCap.load(ordering: .relaxed)
    return value == .max ? nil : value
  }

  package func requestKeyFrame() {
    keyFrameWanted.store(true, ordering: .relaxed)
  }

  /// Whether a key frame was asked for since the last time this was called.
  func takeKeyFrameRequest() -> Bool {
    keyFrameWanted.exchange(false, ordering: .relaxed)
  }

  /// Whether some receivers are to be sent only every other frame.
  var isLayered: Bool {
    get { layered.load(ordering: .relaxed) }
    set { layered.store(newValue, ordering: .relaxed) }
  }

  /// Whether somebody is shown it; a closed lane costs nothing, and begins with a key frame when it is opened.
  var isOpen: Bool {
    get { open.load(ordering: .acquiring) }
    set { open.store(newValue, ordering: .releasing) }
  }
}
