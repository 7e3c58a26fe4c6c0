import NIOCore

/// The monotonic clock of a test: it moves when told to.
package struct ManualClock: Sendable {
  package private(set) var now: NIODeadline

  /// Not at zero, so that nothing confuses "at the beginning" with "never".
  package init(now: NIODeadline = .uptimeNanoseconds(1_000_000_000_000)) {
    self.now = now
  }

  package mutating func advance(by amount: TimeAmount) {
    precondition(amount >= .zero, "time does not run backwards")
    now = now + amount
  }

  /// Never moves backwards.
  package mutating func advance(to time: NIODeadline) {
    now = max(now, time)
  }
}
