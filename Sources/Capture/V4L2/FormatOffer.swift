import CV4L2
import Video

/// A pixel format that a camera offers, with its sizes and rates (VIDIOC_ENUM_FMT, …_FRAMESIZES, …_FRAMEINTERVALS).
struct FormatOffer: Equatable, Sendable {
  enum Sizes: Equatable, Sendable {
    case discrete([PictureSize])
    case stepwise(smallest: PictureSize, largest: PictureSize, step: PictureSize)
    /// The driver does not state its sizes (libcamerify and old drivers): any may be requested, and another may be set.
    case unknown
  }

  let format: PixelFormat
  let description: String
  let sizes: Sizes

  /// Returns the size nearest to `wanted` by the sum of the differences of both sides; of two equally near ones, the
  /// larger.
  func nearestSize(to wanted: PictureSize) -> PictureSize {
    switch sizes {
    case .discrete(let sizes):
      sizes.min { ($0.distance(to: wanted), -$0.width) < ($1.distance(to: wanted), -$1.width) } ?? wanted
    case .stepwise(let smallest, let largest, let step):
      PictureSize(
        width: Self.snap(wanted.width, smallest.width...max(smallest.width, largest.width), step.width),
        height: Self.snap(wanted.height, smallest.height...max(smallest.height, largest.height), step.height))
    case .unknown:
      wanted
    }
  }

  private static func snap(_ value: Int, _ range: ClosedRange<Int>, _ step: Int) -> Int {
    guard value > range.lowerBound, value < range.upperBound else {
      return min(max(value, range.lowerBound), range.upperBound)
    }
    let steps = (Double(value - range.lowerBound) / Double(step)).rounded()
    return min(range.lowerBound + Int(steps) * step, range.upperBound)
  }
}

extension PictureSize {
  func distance(to other: PictureSize) -> Int {
    abs(width - other.width) + abs(height - other.height)
  }
}

/// The frame rates of one format at one size.
enum RateOffer: Equatable, Sendable {
  case discrete([FrameRate])
  case range(slowest: FrameRate, fastest: FrameRate)
  case unknown

  /// Returns the lowest rate that is as good as `wanted`, or else the highest; nil if the driver does not state its rates.
  func nearest(to wanted: FrameRate) -> FrameRate? {
    switch self {
    case .discrete(let rates): rates.filter { $0.framesPerSecond >= wanted.leastEquivalent }.min() ?? rates.max()
    case .range(let slowest, let fastest): min(max(wanted, slowest), fastest)
    case .unknown: nil
    }
  }
}

extension FrameRate {
  /// The frames per second that are as good as these: 29.97 for 30.
  var leastEquivalent: Double { 0.99 * framesPerSecond }
}
