import Video

extension FrameRate {
  /// Files with frames at will claim the rate of their clock, or none; 25 is then as good as any.
  init(claimed numerator: Int32, per denominator: Int32) {
    if numerator > 0, denominator > 0, (1.0...240).contains(Double(numerator) / Double(denominator)) {
      self.init(numerator, per: denominator)
    } else {
      self.init(25)
    }
  }
}
