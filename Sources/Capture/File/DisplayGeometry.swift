import Video

/// The size of the sent picture for a stored one: with square samples, upright, with even sides, and fitted into bounds.
struct DisplayGeometry: Equatable {
  let width: Int
  let height: Int

  /// - Parameters:
  ///   - sampleAspect: the ratio of a sample's width to its height, or zero if it is unknown.
  ///   - bounds: the size to fit the picture into. Its shape is kept, without cropping and without bars.
  init(
    width: Int, height: Int, sampleAspect: (width: Int, height: Int), orientation: Orientation,
    bounds: PictureSize?
  ) {
    var size = (width: Double(width), height: Double(height))
    if sampleAspect.width > 0, sampleAspect.height > 0 {
      let aspect = Double(sampleAspect.width) / Double(sampleAspect.height)
      // Real ratios lie between 4:11 and 4:1; those of a damaged header would shrink the picture to a line.
      if (1 / 8.0...8).contains(aspect) { size.width *= aspect }
    }
    if orientation.swapsSides {
      size = (size.height, size.width)
    }
    let limit = bounds ?? PictureSize(width: Self.largestSide, height: Self.largestSide)
    let scale = min(Double(limit.width) / size.width, Double(limit.height) / size.height)
    if bounds != nil || scale < 1 {
      size = (size.width * scale, size.height * scale)
    }
    self.width = Self.even(size.width)
    self.height = Self.even(size.height)
  }

  /// The area of 8K video. A false header must not make us allocate more.
  static let largestArea = 8_192 * 4_320

  /// Whether a picture is small enough to be processed: libyuv scales no side above 32,768 samples.
  static func isPlayable(width: Int, height: Int) -> Bool {
    max(width, height) <= 32_768 && width * height <= largestArea
  }

  /// VP8 stores a side in 14 bits (RFC 6386 section 9.1).
  private static let largestSide = 16_382

  private static func even(_ side: Double) -> Int {
    max(2, min(2 * Int((side / 2).rounded()), largestSide))
  }
}
