import Video

extension FrameRate {
  /// Files with frames at will claim the rate of their clock, or none; 25 is then as good as any. Slides and
  /// recordings over days have less than one a second.
  init(claimed numerator: Int32, per denominator: Int32) {
    if numerator > 0, denominator > 0, (1.0 / 3_600...240).contains(Double(numerator) / Double(denominator)) {
      self.init(numerator, per: denominator)
    } else {
      self.init(25)
    }
  }

  /// What an encoder is told: a picture that stands is lent again, and never less often than this.
  var encoded: FrameRate { max(self, FrameRate(1)) }
}
