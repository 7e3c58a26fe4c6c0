import Capture
import Sound

/// What the sound thread counted so far; it goes with every packet, so that the loop never reads the thread's memory.
package struct SoundCounters: Sendable, Equatable {
  /// The level of the last 20 ms, from 0 to 1: the root of the mean square (`audioLevel` of W3C webrtc-stats).
  package private(set) var audioLevel = 0.0
  /// The squares of the levels, each times the seconds that it lasted (`totalAudioEnergy`).
  package private(set) var totalAudioEnergy = 0.0
  /// In seconds (`totalSamplesDuration`).
  package private(set) var totalSamplesDuration = 0.0
  package var microphone = MicrophoneCounters()
  /// How much faster the card's clock is than the monotonic one, in parts per million.
  package var drift = 0.0
  /// By how much the echo of a loudspeaker is weakened, in decibels (`echoReturnLossEnhancement`); nil if there is none,
  /// or if nothing was played yet.
  package var echoReturnLossEnhancement: Double?

  package init() {}

  /// - Parameter samples: a block, interleaved.
  mutating func add(_ samples: UnsafeBufferPointer<Float>) {
    var sum: Float = 0
    for sample in samples { sum += sample * sample }
    let square = Double(sum) / Double(max(1, samples.count))
    // What a card of floating-point samples gives need not be a number.
    guard square.isFinite else { return }
    let seconds = Double(SoundBlock.duration.nanoseconds) / 1e9
    audioLevel = min(1, square.squareRoot())
    totalAudioEnergy += square * seconds
    totalSamplesDuration += seconds
  }

  /// Nothing more is heard for now.
  mutating func fallSilent() {
    audioLevel = 0
  }

  /// The counters of two openings of a microphone, one after the other. What holds for a moment is taken from the second.
  package static func + (left: SoundCounters, right: SoundCounters) -> SoundCounters {
    var sum = right
    sum.totalAudioEnergy += left.totalAudioEnergy
    sum.totalSamplesDuration += left.totalSamplesDuration
    sum.microphone = left.microphone + right.microphone
    return sum
  }
}
