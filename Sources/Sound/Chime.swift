import Glibc

/// Two tones that say that somebody is about to be heard.
package struct Chime {
  /// The tones overlap: the second begins while the first fades.
  private static let tones: [(frequency: Double, start: Double)] = [(659.26, 0), (523.25, 0.25)]
  private static let amplitude = 0.25
  /// The time in which a tone fades to a third.
  private static let decay = 0.15
  /// The time in which a tone begins, so that it does not click.
  private static let attack = 0.005
  static let blockCount = 45

  /// How many blocks were played; nil while there is no chime.
  private var position: Int?

  package init() {}

  package var isPlaying: Bool { position != nil }

  package mutating func start() {
    if position == nil { position = 0 }
  }

  package mutating func stop() {
    position = nil
  }

  /// Adds the next block to `block`, if there is one.
  package mutating func add(to block: UnsafeMutableBufferPointer<Float>) {
    guard let position else { return }
    for index in 0..<SoundBlock.samples {
      let time = Double(position * SoundBlock.samples + index) / Double(SoundBlock.sampleRate)
      for tone in Self.tones where time > tone.start {
        let age = time - tone.start
        let envelope = min(1, age / Self.attack) * exp(-age / Self.decay)
        block[index] += Float(Self.amplitude * envelope * sin(2 * .pi * tone.frequency * age))
      }
    }
    self.position = position + 1 < Self.blockCount ? position + 1 : nil
  }
}
