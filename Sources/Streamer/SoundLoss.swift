/// The share of the sound's packets that a viewer loses, by the viewer's reports, which tell of a second or so each. It
/// rises fast and falls slowly, since one loss is often followed by others.
struct SoundLoss {
  private(set) var share = 0.0

  private static let rise = 0.5
  private static let fall = 0.05

  /// - Parameter fraction: of the packets since the report before.
  mutating func report(_ fraction: Double) {
    let difference = max(0, min(fraction, 1)) - share
    share += difference * (difference > 0 ? Self.rise : Self.fall)
  }
}
