import Capture
import Synchronization

/// What the loudspeaker's thread counts of its card, for the event loop to read without a lock.
final class SpeakerReport: Sendable {
  private let underruns = Atomic<Int>(0)
  private let losses = Atomic<Int>(0)
  private let blocksDropped = Atomic<Int>(0)
  private let totalSamplesCount = Atomic<Int>(0)
  private let totalPlayoutDelay = Atomic<UInt64>(0)
  private let driftBits = Atomic<UInt64>(0)

  private let inTrouble = Atomic<Bool>(false)

  /// Whether nothing is played although somebody is heard.
  var isInTrouble: Bool {
    get { inTrouble.load(ordering: .relaxed) }
    set { inTrouble.store(newValue, ordering: .relaxed) }
  }

  var counters: SpeakerCounters {
    get {
      var counters = SpeakerCounters(underruns: underruns.load(ordering: .relaxed))
      counters.losses = losses.load(ordering: .relaxed)
      counters.blocksDropped = blocksDropped.load(ordering: .relaxed)
      return counters
    }
    set {
      underruns.store(newValue.underruns, ordering: .relaxed)
      losses.store(newValue.losses, ordering: .relaxed)
      blocksDropped.store(newValue.blocksDropped, ordering: .relaxed)
    }
  }

  var playout: SpeakerPlayout {
    get {
      var playout = SpeakerPlayout()
      playout.totalSamplesCount = totalSamplesCount.load(ordering: .relaxed)
      playout.totalPlayoutDelay = Double(bitPattern: totalPlayoutDelay.load(ordering: .relaxed))
      return playout
    }
    set {
      totalSamplesCount.store(newValue.totalSamplesCount, ordering: .relaxed)
      totalPlayoutDelay.store(newValue.totalPlayoutDelay.bitPattern, ordering: .relaxed)
    }
  }

  /// In parts per million.
  var drift: Double {
    get { Double(bitPattern: driftBits.load(ordering: .relaxed)) }
    set { driftBits.store(newValue.bitPattern, ordering: .relaxed) }
  }
}
