import NIOCore

extension EventLoopFuture where Value: Sendable {
  /// Its value, or an error as soon as the task is cancelled.
  ///
  /// - Parameter discard: takes a value that comes when nobody waits for it any longer, on the event loop.
  package func get(orDiscard discard: @escaping @Sendable (Value) -> Void) async throws -> Value {
    let waiting = eventLoop.makePromise(of: Value.self)
    let isAbandoned = NIOLoopBoundBox.makeBoxSendingValue(false, eventLoop: eventLoop)
    whenComplete { result in
      if isAbandoned.value {
        if case .success(let value) = result { discard(value) }
      } else {
        waiting.completeWith(result)
      }
    }
    return try await withTaskCancellationHandler {
      try await waiting.futureResult.get()
    } onCancel: {
      eventLoop.execute {
        isAbandoned.value = true
        // Ignored where the value came first.
        waiting.fail(CancellationError())
      }
    }
  }
}
