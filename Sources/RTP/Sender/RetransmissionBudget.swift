/// The bytes that may be spent on retransmissions: a share of what was sent first. Without a limit a flood of NACKs, a
/// few bytes of which ask for seventeen packets, would make the sender an amplifier.
struct RetransmissionBudget: Sendable {
  /// Retransmissions may use half of what was sent: a path that loses a third of all packets can still be repaired, and
  /// a malicious peer draws at most 1.5 times the bitrate. What is sent twice unrequested does not count: its rate is
  /// that of the path (``UnrequestedRepetition``).
  static let shareDivisor = 2
  /// The most that can be saved up, in bytes: enough to repair a whole lost key frame of a 720p picture.
  static let capacity = 64 * 1024

  private var available = Self.capacity

  /// Adds the share of `bytes` that were sent for the first time.
  mutating func earn(bySending bytes: Int) {
    available = min(available + bytes / Self.shareDivisor, Self.capacity)
  }

  /// Returns whether a retransmission of `bytes` is within the budget, and deducts it if so.
  mutating func spend(_ bytes: Int) -> Bool {
    guard bytes <= available else { return false }
    available -= bytes
    return true
  }

  /// The same for a packet that nobody has requested: half of what can be saved up is left to those that are.
  mutating func spendOnCopy(_ bytes: Int) -> Bool {
    available - bytes >= Self.capacity / 2 && spend(bytes)
  }
}
