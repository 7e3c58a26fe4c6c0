import Glibc
import UnixSignals

/// Work that Ctrl-C and its kin end in order, since servers keep an allocation for ten minutes; the second time the
/// program ends on the spot.
enum CancellableWork {
  static func run<Value: Sendable>(
    _ body: @escaping @Sendable () async -> Value
  ) async -> (value: Value, isCancelled: Bool) {
    let work = Task { await body() }
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
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
