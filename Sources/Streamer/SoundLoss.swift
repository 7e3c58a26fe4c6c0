/// The share of the sound's packets that a viewer loses, by the viewer's reports. It rises fast and falls slowly, since one
/// loss is often followed by others.
struct SoundLoss {
  private(set) var share = 0.0
  private var reportsReceived = 0

  private static let rise = 0.5
  private static let fall = 0.05

  /// Takes what is known each second: a report counts once, and the share falls while there is none.
  ///
  /// - Parameters:
  ///   - fraction: of the packets between the last two reports.
  ///   - reportsReceived: how many reports there were so far.
  mutating func update(_ fraction: Double, reportsReceived: Int) {
    let isNew = reportsReceived != self.reportsReceived
    self.reportsReceived = reportsReceived
    let difference = (isNew ? max(0, min(fraction, 1)) : 0) - share
    share += difference * (difference > 0 ? Self.rise : Self.fall)
  }
}
