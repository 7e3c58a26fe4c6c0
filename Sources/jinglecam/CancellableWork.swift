import Glibc
import UnixSignals

/// Work that Ctrl-C and its kin end in order, since servers keep an allocation for ten minutes; the second time the
/// program ends on the spot.
enum CancellableWork {
  static func run<Value: Sendable>(
    _ body: @escaping @Sendable () async -> Value
  ) async -> (value: Value, isCancelled: Bool) {
    // First, so that none finds the work begun and nobody to end it in order.
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
    let work = Task { await body() }
    let signalTask = Task {
      for await _ in signals {
        guard !work.isCancelled else { exit(ExitStatus.interrupted.rawValue) }
        work.cancel()
      }
    }
    defer { signalTask.cancel() }
    return (await work.value, work.isCancelled)
  }
}
