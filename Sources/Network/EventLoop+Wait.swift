import NIOCore

extension EventLoop {
  /// Nothing is left of a wait that is cancelled; of a `Task.sleep`, Dispatch keeps a timer until its time would have come.
  /// - Throws: at once when the task is cancelled.
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
