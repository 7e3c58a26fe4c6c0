/// The control loop by which a card's samples keep pace with the monotonic clock: proportional and integral, critically
/// damped.
///
/// With the natural frequency ω, a clock that is wrong by d leads to an offset of d / (e · ω) at most: 2.2 ms for
/// 300 ppm. The offset is averaged over a second before it is used, since the capture times of USB cards jitter by a
/// millisecond, which must not be heard as a trembling pitch.
struct DriftLoop {
  /// How much more than the nominal rate is to be consumed, as a fraction.
  private(set) var correction = 0.0
  /// The sum of the offsets so far, each times the seconds that it lasted.
  private var integral = 0.0
  private var sum = 0.0
  private var seconds = 0.0

  /// ω in radians per second.
  private static let frequency = 0.05
  private static let interval = 1.0
  /// A pitch that is wrong by less is heard by nobody, and no quartz is worse.
  private static let limit = 0.002

  /// The drift of the card's clock without what is only there to reduce the offset, in parts per million.
  var drift: Double { -Self.frequency * Self.frequency * integral * 1e6 }

  /// - Parameters:
  ///   - offset: how much later the samples were captured than the time that they are given says, in seconds.
  ///   - duration: of these samples, in seconds.
  /// - Returns: whether the correction changed.
  mutating func add(offset: Double, duration: Double) -> Bool {
    sum += offset * duration
    seconds += duration
    guard seconds >= Self.interval else { return false }
    let mean = sum / seconds
    let most = Self.limit / (Self.frequency * Self.frequency)
    integral = max(-most, min(most, integral + sum))
    (sum, seconds) = (0, 0)
    let wanted = -2 * Self.frequency * mean - Self.frequency * Self.frequency * integral
    correction = max(-Self.limit, min(Self.limit, wanted))
    return true
  }
}
