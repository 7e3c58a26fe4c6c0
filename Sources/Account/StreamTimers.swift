import NIOCore

/// The timers of a stream to the server: the session's next deadline, and the limit of a phase. Everything here runs on
/// the event loop.
struct StreamTimers {
  private var session: (deadline: NIODeadline, task: Scheduled<Void>)?
  private var limit: Scheduled<Void>?

  /// Whether the phase that there is must end in time.
  var hasLimit: Bool { limit != nil }

  mutating func setLimit(_ time: TimeAmount, on eventLoop: any EventLoop, _ action: @escaping () -> Void) {
    limit?.cancel()
    limit = eventLoop.assumeIsolated().scheduleTask(in: time, action)
  }

  mutating func removeLimit() {
    limit?.cancel()
    limit = nil
  }

  /// A timer that fires early is harmless, so only an earlier deadline needs a new one.
  mutating func setDeadline(_ deadline: NIODeadline, on eventLoop: any EventLoop, _ action: @escaping () -> Void) {
    if let session, session.deadline <= deadline { return }
    session?.task.cancel()
    session = (deadline, eventLoop.assumeIsolated().scheduleTask(deadline: deadline, action))
  }

  /// The session's timer fired.
  mutating func deadlineReached() {
    session = nil
  }

  func cancel() {
    session?.task.cancel()
    limit?.cancel()
  }
}
