import Capture

/// The thread that runs a ``SoundPump``.
final class SoundThread: ThreadBody {
  private var pump: (any SoundPump)?
  var deliver: VideoThread.DeliverSound = { _, _ in }
  /// Is called on the thread when the pump is gone, with all that it held open.
  var ended: @Sendable () -> Void = {}

  init(_ pump: any SoundPump) {
    self.pump = pump
  }

  func run() {
    runPump()
    ended()
  }

  private func runPump() {
    pump.take()?.run(deliver: deliver)
  }
}
