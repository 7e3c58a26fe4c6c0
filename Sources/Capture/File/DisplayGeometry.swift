import Video

/// From the picture a file stores to the picture that is sent: square samples, upright, even sides, fitted.
struct DisplayGeometry: Equatable {
  let width: Int
  let height: Int

  /// - `sampleAspect`: width to height of a sample; zero where unknown.
  /// - `bounds`: the picture is fitted into it, keeping its shape; nothing is cut and no bars are added.
  init(
    width: Int, height: Int, sampleAspect: (width: Int, height: Int), orientation: Orientation,
    bounds: PictureSize?
  ) {
    var size = (width: Double(width), height: Double(height))
    if sampleAspect.width > 0, sampleAspect.height > 0 {
      let aspect = Double(sampleAspect.width) / Double(sampleAspect.height)
      // Real ones lie between 4:11 and 4:1; a damaged header is no reason to send a line.
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

  /// Pictures of more samples than 8K video are not for a small computer, and a header may lie.
  static let largestArea = 8_192 * 4_320

  /// libyuv scales no side above 32768.
  static func isPlayable(width: Int, height: Int) -> Bool {
    max(width, height) <= 32_768 && width * height <= largestArea
  }

  /// RFC 6386 section 9.1 gives a side 14 bits.
  private static let largestSide = 16_382

  private static func even(_ side: Double) -> Int {
    max(2, min(2 * Int((side / 2).rounded()), largestSide))
  }
}
