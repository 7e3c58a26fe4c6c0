import ICE

/// Round-trip times in JSON; seconds.
struct RoundTripTimesReport: Encodable {
  let minimum: Double
  let average: Double
  let maximum: Double

  /// nil: there was no round trip.
  init?(_ times: RoundTripTimes) {
    guard let average = times.average else { return nil }
    minimum = times.minimum.seconds
    self.average = average.seconds
    maximum = times.maximum.seconds
  }
}
