import NIOCore

/// The pause before another attempt, which doubles with each one that fails.
struct DoublingPause {
  private let range: ClosedRange<TimeAmount>
  private var current: TimeAmount

  init(_ range: ClosedRange<TimeAmount>) {
    self.range = range
    current = range.lowerBound
  }

  /// The pause before the next attempt.
  mutating func next() -> TimeAmount {
    defer { current = min(.nanoseconds(2 * current.nanoseconds), range.upperBound) }
    return current
  }

  /// An attempt succeeded.
  mutating func reset() { current = range.lowerBound }
}
