/// What may be spent on retransmissions: a share of what was sent first, so that a flood of NACKs (a few bytes ask for
/// seventeen packets) cannot make the sender amplify.
struct RetransmissionBudget: Sendable {
  /// Half: a path that loses a third of all packets can still be repaired; at worst a peer draws 1.5 times the bitrate.
  static let shareDivisor = 2
  /// One lost key frame of a 720p picture can be repaired in one go.
  static let capacity = 64 * 1024

  private var available = Self.capacity

  mutating func earn(bySending bytes: Int) {
    available = min(available + bytes / Self.shareDivisor, Self.capacity)
  }

  mutating func spend(_ bytes: Int) -> Bool {
    guard bytes <= available else { return false }
    available -= bytes
    return true
  }
}
