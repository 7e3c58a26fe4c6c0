import NIOCore

/// The pause before another attempt, which doubles with each one that fails.
package struct DoublingPause {
  /// Before a sound card that is gone, or in use, is opened again.
  package static var soundCard: DoublingPause { DoublingPause(TimeAmount.milliseconds(250)...TimeAmount.seconds(4)) }

  private let range: ClosedRange<TimeAmount>
  private var current: TimeAmount

  init(_ range: ClosedRange<TimeAmount>) {
    self.range = range
    current = range.lowerBound
  }

  /// The pause before the next attempt.
  package mutating func next() -> TimeAmount {
    defer { current = min(.nanoseconds(2 * current.nanoseconds), range.upperBound) }
    return current
  }

  /// An attempt succeeded.
  package mutating func reset() { current = range.lowerBound }
}
