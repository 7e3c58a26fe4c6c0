import NIOCore

/// The one timer of an engine.
struct DeadlineTimer {
  private var scheduled: Scheduled<Void>?
  private var deadline: NIODeadline?

  /// Most changes of an engine leave its deadline as it was, and then no closure needs to be allocated.
  func isSet(to deadline: NIODeadline) -> Bool { deadline == self.deadline }

  /// - Parameter fire: is called on the event loop, and has to call ``fired()``.
  mutating func set(to deadline: NIODeadline, on eventLoop: any EventLoop, _ fire: @escaping @Sendable () -> Void) {
    scheduled?.cancel()
    self.deadline = deadline
    scheduled = eventLoop.scheduleTask(deadline: deadline, fire)
  }

  mutating func fired() { deadline = nil }

  func cancel() { scheduled?.cancel() }
}
