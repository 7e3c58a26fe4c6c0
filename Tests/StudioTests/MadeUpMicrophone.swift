import Glibc
import NIOCore
import Sound
import Synchronization
import TestSupport

@testable import Capture
@testable import Studio

/// A made-up card in virtual time, which is of the thread that opens it.
final class MadeUpMicrophone: Sendable {
  /// What is done to the card, on the thread that records.
  private let standIn = Mutex<MicrophoneStandIn?>(nil)
  /// The way of what a loudspeaker plays, which is the tone that the card hears; nil if there is none.
  private let echo: EchoPath?
  /// In parts per million.
  private let drift: Double
  /// The names that were asked for.
  private let opened = Mutex<[String?]>([])

  init(echo: EchoPath? = nil, drift: Double = 0) {
    (self.echo, self.drift) = (echo, drift)
  }

  var names: [String?] { opened.withLock { $0 } }

  func open(_ name: String?) throws(MicrophoneError) -> MicrophoneSource {
    opened.withLock { $0.append(name) }
    var description = MicrophoneStandIn.Description()
    description.drift = drift
    guard let card = try? MicrophoneStandIn(description) else { throw .noMicrophone }
    standIn.withLock { $0 = card }
    let player = echo.map { TonePlayer($0, card) }
    let clock = MicrophoneClock(
      now: {
        player?.play(until: card.now)
        return .uptimeNanoseconds(card.now)
      }, sleep: { card.sleep(until: $0.uptimeNanoseconds) })
    return try MicrophoneSource(card.id, in: SoundDirectory(), clock)
  }

  /// By the card's clock.
  var now: NIODeadline { standIn.withLock { .uptimeNanoseconds($0?.now ?? 0) } }

  /// Of the one that was opened last.
  var openCount: Int { standIn.withLock { $0?.openCount ?? 0 } }

  /// Samples are lost, as if the reader had been late.
  func overrun() { standIn.withLock { $0?.set(.overruns) } }

  func unplug() { standIn.withLock { $0?.unplug() } }
  func replug() { standIn.withLock { $0?.replug() } }
}

/// A loudspeaker beside a made-up microphone.
private final class TonePlayer {
  private let echo: EchoPath
  private let card: MicrophoneStandIn
  private var time: UInt64

  /// A block is told of so long before it is heard.
  private static let lead: UInt64 = 100_000_000

  init(_ echo: EchoPath, _ card: MicrophoneStandIn) {
    (self.echo, self.card, time) = (echo, card, card.epoch)
  }

  func play(until end: UInt64) {
    while time < end + Self.lead {
      let start = Double(time - card.epoch) / 1e9
      let samples = (0..<SoundBlock.samples).map { index in
        let seconds = start + Double(index) / Double(SoundBlock.sampleRate)
        return Float(card.description.amplitude * sin(2 * .pi * card.description.frequency * seconds))
      }
      let span = CardSpan(
        epoch: .uptimeNanoseconds(card.epoch), start: start, duration: Double(SoundBlock.duration.nanoseconds) / 1e9,
        lag: 0)
      echo.tell(PlayedBlock(samples: samples, span: span))
      time += UInt64(SoundBlock.duration.nanoseconds)
    }
  }
}
