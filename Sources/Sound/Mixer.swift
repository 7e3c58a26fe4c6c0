import NIOCore

/// Mixes those who speak into one channel, with a chime before somebody is heard.
package final class Mixer {
  /// The share of the amplitude, 0...1.
  package var gain: Float = 1
  package var isMuted = false
  /// Whether there is a chime before somebody is heard.
  package var hasChime: Bool

  private var voices: [Int: Voice] = [:]
  private var chime = Chime()
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
    block.update(repeating: 0)
    let wasChiming = chime.isPlaying
    var isHeard = wasChiming
    for voice in voices.values where voice.render(into: scratch, now: now) && !isMuted {
      isHeard = true
      if !voice.isAnnounced, hasChime {
        chime.start()
      } else {
        voice.isAnnounced = true
        for index in 0..<SoundBlock.samples { block[index] += scratch[index] }
      }
    }
    chime.add(to: block)
    if wasChiming, !chime.isPlaying, !isMuted { announceAll() }
    for index in 0..<SoundBlock.samples {
      let sample = isMuted ? 0 : block[index] * gain
      block[index] = max(-1, min(1, sample))
    }
    return isHeard && !isMuted
  }

  private func announceAll() {
    for voice in voices.values { voice.isAnnounced = true }
  }
}
