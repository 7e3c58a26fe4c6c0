import NIOCore

/// Remembers when sender reports were sent, to compute the round-trip time from LSR and DLSR (RFC 3550 section 6.4.1).
///
/// The RFC subtracts wall-clock times. Here LSR only selects the report, whose monotonic time is used, so that neither
/// a step of the wall clock nor an invented LSR yields a wrong time.
struct SenderReportLog: Sendable {
  /// The reports remembered. At one report every 0.5 to 1.5 s, LSR may then be some eight seconds old.
  private static let capacity = 16

  private var entries: [(middle: UInt32, sentAt: NIODeadline)] = []

  mutating func append(_ timestamp: NTPTimestamp, sentAt: NIODeadline) {
    if entries.count == Self.capacity {
      entries.removeFirst()
    }
    entries.append((timestamp.middle, sentAt))
  }

  /// Returns when the report that the block names was sent; nil if it is not remembered.
  func timeSent(of block: ReportBlock) -> NIODeadline? {
    guard block.lastSenderReport != 0 else { return nil }
    return entries.last { $0.middle == block.lastSenderReport }?.sentAt
  }

  /// Returns the round-trip time, or nil if the report is not remembered or the peer claims to have held it for longer
  /// than it has existed.
  func roundTripTime(from block: ReportBlock, now: NIODeadline) -> TimeAmount? {
    guard let sentAt = timeSent(of: block) else { return nil }
    let held = (Int64(block.delaySinceLastSenderReport) * 1_000_000_000) >> 16
    let roundTrip = (now - sentAt).nanoseconds - held
    // On a loopback path the rounding error of DLSR alone can exceed the round-trip time.
    let rounding: Int64 = 1_000_000
    return roundTrip < -rounding ? nil : .nanoseconds(max(0, roundTrip))
  }
}
