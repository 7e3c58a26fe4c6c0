import NIOCore

/// Mixes those who speak into one channel, with a chime before the first sound of somebody who is not silent.
package final class Mixer {
  /// The share of the amplitude, 0...1.
  package var gain: Float = 1
  package var isMuted = false
  /// Whether there is a chime before somebody is heard.
  package var hasChime: Bool

  private var voices: [Int: Voice] = [:]
  private var chime = Chime()
  /// Whether the last block has ended the chime, which announces those who speak once it is played.
  private var hasChimed = false
  private let scratch: UnsafeMutableBufferPointer<Float>

  package init(hasChime: Bool) {
    self.hasChime = hasChime
    scratch = .allocate(capacity: SoundBlock.samples)
  }

  deinit {
    scratch.deallocate()
  }

  /// - Parameter speaker: whose sound it is.
  package func receive(_ sound: ReceivedSound, from speaker: Int) {
    if let voice = voices[speaker] { return voice.receive(sound) }
    // Where there is no memory for a decoder nobody is heard.
    guard let voice = try? Voice() else { return }
    voices[speaker] = voice
    voice.receive(sound)
  }

  /// Whether there is somebody who may be heard.
  package var isOccupied: Bool { !voices.isEmpty || chime.isPlaying }

  package func remove(_ speaker: Int) {
    voices[speaker] = nil
  }

  /// What was made of somebody's sound; nil if there was none.
  package func counters(of speaker: Int) -> PlayoutCounters? { voices[speaker]?.counters }

  /// Fills the next block.
  ///
  /// - Returns: whether there is anything to be heard.
  package func render(into block: UnsafeMutableBufferPointer<Float>, now: NIODeadline) -> Bool {
    let isSilent = isMuted || gain == 0
    block.update(repeating: 0)
    if isSilent { forgetChime() }
    if hasChimed { announce() }
    var isHeard = chime.isPlaying
    for voice in voices.values where voice.render(into: scratch, now: now) && !isSilent {
      isHeard = true
      if !voice.isAnnounced, hasChime {
        guard !voice.isSilent else { continue }
        voice.isToBeAnnounced = true
        chime.start()
      } else {
        voice.isAnnounced = true
        for index in 0..<SoundBlock.samples { block[index] += scratch[index] }
      }
    }
    hasChimed = chime.isPlaying
    chime.add(to: block)
    if chime.isPlaying { hasChimed = false }
    for index in 0..<SoundBlock.samples {
      let sample = isSilent ? 0 : block[index] * gain
      block[index] = max(-1, min(1, sample))
    }
    return isHeard
  }

  /// The last block was not played: a chime that it was a part of begins anew with the next sound.
  package func blockLost() {
    forgetChime()
  }

  private func forgetChime() {
    chime.stop()
    hasChimed = false
    for voice in voices.values { voice.isToBeAnnounced = false }
  }

  private func announce() {
    hasChimed = false
    for voice in voices.values where voice.isToBeAnnounced { voice.isAnnounced = true }
  }
}
