import NIOCore

/// The place of a block by the clock of the card that captures or plays it: a count of its samples, which does not jitter
/// as timestamps do, and by which the microphone and the loudspeaker of one card have no drift.
package struct CardSpan: Sendable, Equatable {
  /// When the card's clock was 0, which is another time after each interruption.
  package let epoch: NIODeadline
  /// Of the first sample, in seconds of the card's clock.
  package let start: Double
  /// In seconds of the card's clock.
  package let duration: Double
  /// How much the card's clock is behind the monotonic one by its last timestamp, in seconds.
  package let lag: Double

  package init(epoch: NIODeadline, start: Double, duration: Double, lag: Double) {
    self.epoch = epoch
    self.start = start
    self.duration = duration
    self.lag = lag
  }
}
