import Sound
import Synchronization

/// What the loudspeaker's thread counts of one person's sound, for the event loop to read without a lock.
final class PlayoutReport: Sendable {
  private let totalSamplesReceived = Atomic<Int>(0)
  private let concealedSamples = Atomic<Int>(0)
  private let concealmentEvents = Atomic<Int>(0)
  private let jitterBufferEmittedCount = Atomic<Int>(0)
  private let jitterBufferDelay = Atomic<UInt64>(0)
  private let insertedSamplesForDeceleration = Atomic<Int>(0)
  private let removedSamplesForAcceleration = Atomic<Int>(0)
  private let packetsDiscarded = Atomic<Int>(0)
  private let audioLevel = Atomic<UInt64>(0)

  /// Each figure is whole; those of two blocks may be read together.
  var counters: PlayoutCounters {
    get {
      var counters = PlayoutCounters()
      counters.totalSamplesReceived = totalSamplesReceived.load(ordering: .relaxed)
      counters.concealedSamples = concealedSamples.load(ordering: .relaxed)
      counters.concealmentEvents = concealmentEvents.load(ordering: .relaxed)
      counters.jitterBufferEmittedCount = jitterBufferEmittedCount.load(ordering: .relaxed)
      counters.jitterBufferDelay = Double(bitPattern: jitterBufferDelay.load(ordering: .relaxed))
      counters.insertedSamplesForDeceleration = insertedSamplesForDeceleration.load(ordering: .relaxed)
      counters.removedSamplesForAcceleration = removedSamplesForAcceleration.load(ordering: .relaxed)
      counters.packetsDiscarded = packetsDiscarded.load(ordering: .relaxed)
      counters.audioLevel = Double(bitPattern: audioLevel.load(ordering: .relaxed))
      return counters
    }
    set {
      totalSamplesReceived.store(newValue.totalSamplesReceived, ordering: .relaxed)
      concealedSamples.store(newValue.concealedSamples, ordering: .relaxed)
      concealmentEvents.store(newValue.concealmentEvents, ordering: .relaxed)
      jitterBufferEmittedCount.store(newValue.jitterBufferEmittedCount, ordering: .relaxed)
      jitterBufferDelay.store(newValue.jitterBufferDelay.bitPattern, ordering: .relaxed)
      insertedSamplesForDeceleration.store(newValue.insertedSamplesForDeceleration, ordering: .relaxed)
      removedSamplesForAcceleration.store(newValue.removedSamplesForAcceleration, ordering: .relaxed)
      packetsDiscarded.store(newValue.packetsDiscarded, ordering: .relaxed)
      audioLevel.store(newValue.audioLevel.bitPattern, ordering: .relaxed)
    }
  }
}
