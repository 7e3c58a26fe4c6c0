import NIOCore

extension EventLoop {
  /// Suspends the task for `time`. A cancelled wait leaves no timer behind, whereas Dispatch keeps that of a cancelled
  /// `Task.sleep` until it expires.
  ///
  /// - Throws: `CancellationError` as soon as the task is cancelled.
  package func wait(_ time: TimeAmount) async throws(CancellationError) {
    let timer = scheduleTask(in: time) {}
    await withTaskCancellationHandler {
      _ = try? await timer.futureResult.get()
    } onCancel: {
      timer.cancel()
    }
    if Task.isCancelled { throw CancellationError() }
  }
}
