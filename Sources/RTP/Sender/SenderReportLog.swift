import NIOCore

/// Remembers when sender reports left, to measure the round-trip time from LSR and DLSR (RFC 3550 section 6.4.1).
///
/// The RFC subtracts wall-clock times; this looks up the monotonic time of the very report that LSR names instead, so
/// that neither a jump of the wall clock nor an invented LSR gives a wrong time.
struct SenderReportLog: Sendable {
  /// At one report in 0.5 to 1.5 s, LSR may be some eight seconds old.
  private static let capacity = 16

  private var entries: [(middle: UInt32, sentAt: NIODeadline)] = []

  mutating func append(_ timestamp: NTPTimestamp, sentAt: NIODeadline) {
    if entries.count == Self.capacity {
      entries.removeFirst()
    }
    entries.append((timestamp.middle, sentAt))
  }

  /// nil: no such report is remembered, or the peer claims to have held it for longer than it has existed.
  func roundTripTime(from block: ReportBlock, now: NIODeadline) -> TimeAmount? {
    guard
      block.lastSenderReport != 0,
      let entry = entries.last(where: { $0.middle == block.lastSenderReport })
    else { return nil }
    let held = (Int64(block.delaySinceLastSenderReport) * 1_000_000_000) >> 16
    let roundTrip = (now - entry.sentAt).nanoseconds - held
    // On a loopback path the rounding of DLSR alone can exceed the round trip.
    let rounding: Int64 = 1_000_000
    return roundTrip < -rounding ? nil : .nanoseconds(max(0, roundTrip))
  }
}
