import Glibc
import NIOCore
import Sound
import TestSupport
import Testing

@testable import Studio

@Suite("The loudspeaker in the microphone's sound")
struct EchoCleanerTests {
  @Test("what is played is found again by its time, and taken out", arguments: [-10, 0, 40] as [Int64])
  func aligned(delay: Int64) {
    var generator = SeededGenerator(seed: 9)
    let path = EchoPath()
    let cleaner = EchoCleaner(path)
    let start = NIODeadline.uptimeNanoseconds(50_000_000_000)
    let samples = (0..<400 * SoundBlock.samples).map { _ in Float.random(in: -0.2...0.2, using: &generator) }
    func block(_ number: Int) -> ArraySlice<Float> {
      samples[number * SoundBlock.samples..<(number + 1) * SoundBlock.samples]
    }
    var (captured, sent) = (0.0, 0.0)
    for number in 0..<400 {
      let time = start + .milliseconds(Int64(number) * 20)
      // It is told of before it is heard.
      let span = CardSpan(epoch: start, start: Double(number) * 0.02, duration: 0.02, lag: 0)
      path.tell(PlayedBlock(samples: Array(block(number)), span: span))
      guard number >= 10 else { continue }
      // Heard in both channels, half as loud.
      let echo = block(number - 5).flatMap { [$0 * 0.5, $0 * 0.5] }
      let captureTime = time - .milliseconds(100 - delay)
      // Its clock has begun at another time.
      let captureSpan = CardSpan(
        epoch: start - .seconds(7), start: Double(number) * 0.02 + 7, duration: 0.02, lag: Double(delay) / 1e3 - 0.1)
      echo.withUnsafeBufferPointer { echo in
        cleaner.clean(echo, channels: 2, at: captureTime, captureSpan) { clean, cleanTime in
          #expect(cleanTime == captureTime - EchoCanceller.delay)
          guard number >= 200 else { return }
          for index in clean.indices {
            captured += Double(echo[2 * index]) * Double(echo[2 * index])
            sent += Double(clean[index]) * Double(clean[index])
          }
        }
      }
    }
    let enhancement = 10 * log10(captured / sent)
    #expect(enhancement > 20, "\(enhancement)")
  }

  @Test("of one card, whose clock is wrong, the echo is weaker by 20 dB after 3 s", arguments: [-300.0, 0, 300])
  func oneCard(drift: Double) {
    let cards = CardsInRoom(microphone: drift, loudspeaker: drift)
    let enhancements = cards.record(seconds: 10).enhancements
    #expect(enhancements.dropFirst(3).allSatisfy { $0 > 20 }, "\(enhancements)")
  }

  @Test("of two cards it is so as soon as their drift is learnt, and in the next call", arguments: [-300.0, 300])
  func twoCards(drift: Double) {
    let cards = CardsInRoom(microphone: drift, loudspeaker: 0)
    let skew = cards.record(seconds: 20).skew
    let enhancements = cards.record(seconds: 8, skew: skew).enhancements
    #expect(enhancements.dropFirst(3).allSatisfy { $0 > 20 }, "\(enhancements)")
  }
}
