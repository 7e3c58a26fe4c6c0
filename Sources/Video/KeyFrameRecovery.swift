import Glibc

/// The least quantizer of the frames that follow a key frame, on the scale of libvpx's configuration, 0...63.
///
/// A key frame that fits a narrow path is coarse. libvpx would code the next frame with the quantizer of those before the
/// key frame, and spend on it all the bits that the key frame had saved: six times its share, as measured at 720p and
/// 2 Mbit/s. So the quantizer comes down by steps, each of which costs about one frame's share.
struct KeyFrameRecovery {
  /// A frame that is so many times as large as a key frame may be is encoded again, as a key frame.
  static let tolerableExcess = 1.2
  /// The size of a key frame falls by about 5 % from one quantizer to the next, in the upper half by less.
  private static let quantizersPerExcess = 22.0

  /// Below it libvpx spends bits that nobody sees.
  static let lowest = 2
  /// As measured with a clip of 320x180 to 1280x720: 3 takes longer without a smaller burst, 8 leaves much of it.
  private static let step = 5

  private var floor = Self.lowest

  var minimumQuantizer: UInt32 { UInt32(max(Self.lowest, floor)) }

  /// The quantizer for a key frame that was too large; nil: there is no coarser one.
  static func quantizer(after quantizer: Int, excess: Double) -> UInt32? {
    guard quantizer < 63 else { return nil }
    return UInt32(min(63, quantizer + Int((quantizersPerExcess * log(excess)).rounded(.up))))
  }

  mutating func frameEncoded(isKeyFrame: Bool, quantizer: Int) {
    floor = (isKeyFrame ? quantizer : max(Self.lowest, floor)) - Self.step
  }
}
