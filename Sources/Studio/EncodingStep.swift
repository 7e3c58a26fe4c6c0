import Glibc
import Video

/// A size and a frame rate in which a source may be encoded, and the bitrate that goes with it.
struct EncodingStep: Sendable {
  let size: PictureSize
  let frameRate: FrameRate
  /// The bitrate at which content that is not known yet is encoded well in this size, in bits per second.
  let demand: Double
  /// The part of the demand that is needed for this step to be better than the next smaller one: all of it for a size,
  /// less where there is no smaller size but only a lower frame rate.
  let threshold: Double

  var samples: Double { Double(size.width * size.height) }

  /// The frame rates that the smallest size may be reduced to, with their parts of the demand.
  private static let reductions: [(frameRate: FrameRate, part: Double)] = [(FrameRate(15), 0.6), (FrameRate(10), 0)]
  /// The part of the demand from which on the smallest size has the frame rate of the source.
  private static let smallestPart = 0.6

  /// The steps of a source, the largest first. The frame rate is reduced in the smallest size only.
  static func all(of source: VideoFormat) -> [EncodingStep] {
    let sizes = PictureLadder(source: source.size).sizes
    let smallest = sizes[sizes.count - 1]
    return sizes.map { .init($0, source.frameRate, part: $0 == smallest ? smallestPart : 1) }
      + reductions.filter { $0.frameRate < source.frameRate }.map { .init(smallest, $0.frameRate, part: $0.part) }
  }

  private init(_ size: PictureSize, _ frameRate: FrameRate, part: Double) {
    self.size = size
    self.frameRate = frameRate
    demand = Self.demand(size, frameRate)
    threshold = demand * part
  }

  /// 1 Mbit/s at 640x360 and 25 frames per second; the exponents are measured (Adaptation.md).
  private static func demand(_ size: PictureSize, _ frameRate: FrameRate) -> Double {
    let samples = Double(size.width * size.height) / (640 * 360)
    return 1_000_000 * pow(samples, 0.65) * pow(frameRate.framesPerSecond / 25, 0.75)
  }
}
