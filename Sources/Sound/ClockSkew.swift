/// The rate of one card's clock against another's, by differences of their times that jitter: a Kalman filter whose states
/// are the offset and its rate.
///
/// The timestamps of cards are wrong by a millisecond and more, and in the same direction for seconds, while an adaptive
/// filter needs the rate to 10 ppm.
package struct ClockSkew: Sendable {
  private var offset = 0.0
  private var estimate = 0.0
  /// The covariances of the states.
  private var (ofOffset, ofBoth, ofRate) = (variance, 0.0, 300e-6 * 300e-6)

  /// Of a difference, in square seconds. It is more than that of most cards since their errors depend on each other.
  private static let variance = 0.005 * 0.005
  /// Quartz changes by about 1 ppm in the minute in which it becomes warm. In 1/s.
  private static let wander = 1e-6 * 1e-6 / 60
  /// A rate is believed that is so many times its standard deviation: most often both streams are of one card.
  private static let significance = 4.0

  package init() {}

  /// The seconds that the difference grows by in a second; 0 until it is known to be another.
  package var rate: Double { abs(estimate) > Self.significance * ofRate.squareRoot() ? estimate : 0 }

  /// One of the clocks has begun anew. The rate is what it was.
  mutating func restart(at difference: Double) {
    (offset, ofOffset, ofBoth) = (difference, Self.variance, 0)
  }

  /// Takes the difference of the clocks, so many seconds after the one before.
  mutating func add(_ difference: Double, after seconds: Double) {
    offset += estimate * seconds
    ofOffset += seconds * (2 * ofBoth + seconds * ofRate)
    ofBoth += seconds * ofRate
    ofRate += seconds * Self.wander
    let (gain, gainOfRate) = (ofOffset / (ofOffset + Self.variance), ofBoth / (ofOffset + Self.variance))
    let error = difference - offset
    offset += gain * error
    estimate += gainOfRate * error
    ofRate -= gainOfRate * ofBoth
    ofBoth -= gain * ofBoth
    ofOffset -= gain * ofOffset
  }
}
