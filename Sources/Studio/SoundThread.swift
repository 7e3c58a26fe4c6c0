import Capture
import Sound

/// The thread that runs a ``SoundPump``.
final class SoundThread: ThreadBody {
  private let pump: any SoundPump
  var deliver: @Sendable (EncodedSound) -> Void = { _ in }

  init(_ pump: any SoundPump) {
    self.pump = pump
  }

  func run() {
    pump.run(deliver: deliver)
  }
}
