/// How many bits the present content needs, as a factor of what is assumed of content that is not known yet. It is learnt
/// from the quantizer: the bitrate of a picture is inversely proportional to the step size of its quantizer.
///
/// The factor rises within half a second and falls within some seconds, so that somebody who walks through a still scene
/// now and then does not change the size each time.
struct ContentDemand: Sendable {
  private(set) var factor = 1.0
  private var isKnown = false
  /// The mean of the products of bitrate and step size.
  private var product = 0.0
  private var frames = 0

  /// The frames after a change of size that the rate control needs to settle.
  private static let settling = 12
  private static let range = 0.01...4.0
  private static let rise = 1.0 / 6
  private static let fall = 1.0 / 100
  /// The quantizer index at which a picture is to be: the next smaller size would look alike at 95 (Adaptation.md).
  private static let wantedStepSize = quantizerStepSize(of: 85)

  mutating func beginStep() {
    frames = 0
  }

  /// - Parameters:
  ///   - bitrate: that of the frame, in bits per second.
  ///   - demand: the bitrate that unknown content demands at its size.
  mutating func record(bitrate: Double, quantizer index: Int, demand: Double) {
    frames += 1
    // The mean of the first frames, then one that is weighted towards the last.
    let weight = 1.0 / Double(min(frames, Self.settling))
    product += (bitrate * Self.quantizerStepSize(of: index) - product) * weight
    guard frames >= Self.settling else { return }
    let needed = product / Self.wantedStepSize / demand
    let change = max(Self.range.lowerBound, min(needed, Self.range.upperBound)) - factor
    factor += isKnown ? change * (change > 0 ? Self.rise : Self.fall) : change
    isKnown = true
  }

  /// The step size for the AC coefficients of luma by the quantizer index (`ac_qlookup`, RFC 6386 section 14.1), which is
  /// linear in parts.
  static func quantizerStepSize(of index: Int) -> Double {
    let size =
      switch index {
      case ...54: 4 + index
      case ...83: 58 + 2 * (index - 54)
      case ...102: 116 + 3 * (index - 83)
      case ...116: 173 + 4 * (index - 102)
      default: 229 + 5 * (index - 116)
      }
    return Double(size)
  }
}
