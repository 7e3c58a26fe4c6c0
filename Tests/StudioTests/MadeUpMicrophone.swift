import NIOCore
import Synchronization
import TestSupport

@testable import Capture

/// A made-up card in virtual time, which is of the thread that opens it.
final class MadeUpMicrophone: Sendable {
  /// What is done to the card, on the thread that records.
  private let standIn = Mutex<MicrophoneStandIn?>(nil)
  /// The names that were asked for.
  private let opened = Mutex<[String?]>([])

  var names: [String?] { opened.withLock { $0 } }

  func open(_ name: String?) throws(MicrophoneError) -> MicrophoneSource {
    opened.withLock { $0.append(name) }
    guard let card = try? MicrophoneStandIn() else { throw .noMicrophone }
    standIn.withLock { $0 = card }
    let clock = MicrophoneClock(
      now: { .uptimeNanoseconds(card.now) }, sleep: { card.sleep(until: $0.uptimeNanoseconds) })
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
