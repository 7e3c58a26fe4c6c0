import Capture
import NIOCore
import Sound

/// Plays the chime once, in the way of ``Speaker``, so that who listens knows whether a loudspeaker can be heard.
package struct SpeakerTrial: Equatable, Sendable {
  package let card: String
  package let name: String
  /// In hertz.
  package let sampleRate: Int
  package let channelCount: Int
  package let underruns: Int

  package init(card: String, name: String, sampleRate: Int, channelCount: Int, underruns: Int) {
    self.card = card
    self.name = name
    self.sampleRate = sampleRate
    self.channelCount = channelCount
    self.underruns = underruns
  }

  /// Blocks for the time of the chime.
  ///
  /// - Throws: `SpeakerError`.
  package static func run(_ configuration: SpeakerConfiguration) throws(SpeakerError) -> SpeakerTrial {
    let output = try SpeakerOutput(configuration.card)
    let block = UnsafeMutableBufferPointer<Float>.allocate(capacity: SoundBlock.samples)
    defer { block.deallocate() }
    var chime = Chime()
    chime.start()
    var due = NIODeadline.now()
    var isTaken = true
    while chime.isPlaying {
      block.initialize(repeating: 0)
      chime.add(to: block)
      isTaken = output.play(UnsafeBufferPointer(block)) != nil
      if let trouble = output.trouble { throw trouble }
      due = due + SoundBlock.duration
      MonotonicClock.sleep(until: due)
    }
    // It is given up after a second, which the chime does not last.
    guard isTaken else { throw .hung(card: output.card) }
    return SpeakerTrial(
      card: output.card, name: output.name, sampleRate: output.sampleRate, channelCount: output.channelCount,
      underruns: output.counters.underruns)
  }
}
