import Video

extension FrameRate {
  /// Makes the rate that a file states. Files of a variable rate state that of their clock, or none, in which case 25
  /// is as good as any. Slides and time-lapse recordings have less than one frame per second.
  init(claimed numerator: Int32, per denominator: Int32) {
    if numerator > 0, denominator > 0, (1.0 / 3_600...240).contains(Double(numerator) / Double(denominator)) {
      self.init(numerator, per: denominator)
    } else {
      self.init(25)
    }
  }

  /// The rate for the encoder: a still picture is repeated, and never less often than once per second.
  var encoded: FrameRate { max(self, FrameRate(1)) }
}
