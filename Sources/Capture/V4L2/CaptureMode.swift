import Video

/// The format, size and rate that a camera is asked for.
struct CaptureMode: Equatable, Sendable {
  let format: PixelFormat
  let size: PictureSize
  let rate: FrameRate

  /// The usual picture of a small camera, which every machine can encode easily.
  static let usualSize = PictureSize(width: 640, height: 480)
  static let usualRate = FrameRate(30)

  /// Chooses the best mode: the size must be as near as possible to the wanted one, then the rate as high as wanted,
  /// and then the format with the cheapest conversion is taken. H.264 and H.265 are used only if the camera has no
  /// other format with colours, and grey only if it has no other at all. Returns nil if no format can be converted.
  ///
  /// - Parameter rates: returns the rates of a format at a size; it is called once for each format.
  static func choose(
    from offers: [FormatOffer], size wanted: PictureSize, rate wantedRate: FrameRate,
    rates: (PixelFormat, PictureSize) -> RateOffer
  ) -> CaptureMode? {
    var best: (mode: CaptureMode, rank: Rank)?
    for offer in offers {
      guard let way = offer.format.way else { continue }
      let size = offer.nearestSize(to: wanted)
      // Some drivers list no rates although they have several.
      let rate = rates(offer.format, size).nearest(to: wantedRate) ?? wantedRate
      let isFastEnough = rate.framesPerSecond >= wantedRate.leastEquivalent
      let rank = Rank(
        resort: way.isGrey ? 2 : way.isVideo ? 1 : 0, sizeDistance: size.distance(to: wanted),
        rateShortfall: isFastEnough ? 0 : wantedRate.framesPerSecond - rate.framesPerSecond, cost: way.cost)
      if let best, best.rank <= rank { continue }
      best = (CaptureMode(format: offer.format, size: size, rate: rate), rank)
    }
    return best?.mode
  }

  private struct Rank: Comparable {
    let resort: Int
    let sizeDistance: Int
    let rateShortfall: Double
    let cost: Int

    static func < (left: Rank, right: Rank) -> Bool {
      (left.resort, left.sizeDistance, left.rateShortfall, left.cost)
        < (right.resort, right.sizeDistance, right.rateShortfall, right.cost)
    }
  }
}
