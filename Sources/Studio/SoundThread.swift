import Capture
import Sound

/// The thread that takes sound from its source and encodes it.
final class SoundThread: ThreadBody {
  private let pump: SoundPump
  var deliver: @Sendable (EncodedSound) -> Void = { _ in }

  init(_ pump: SoundPump) {
    self.pump = pump
  }

  func run() {
    pump.run(deliver: deliver)
  }
}
