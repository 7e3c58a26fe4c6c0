import NIOCore

/// The schedule and the kind of a stream's reports, and the round-trip times from the peer's reports.
struct SenderReports: Sendable {
  private var schedule = RTCPReportSchedule()
  private var log = SenderReportLog()
  /// The number of sender reports since the last frame; nil before the first frame.
  private var countSinceLastFrame: Int?
  /// At most one report is pending, so that nothing can grow.
  private var isPending = false

  mutating func frameSent(now: NIODeadline) {
    countSinceLastFrame = 0
    schedule.start(now: now)
  }

  /// Returns whether the next report is a sender report, which is then counted and remembered.
  ///
  /// "a site … issues an SR if it has sent any data packets during the interval since issuing the last report or the
  /// previous one, otherwise it issues an RR" (RFC 3550 section 6.4).
  mutating func isSenderReportNext(_ timestamp: NTPTimestamp, now: NIODeadline) -> Bool {
    guard let count = countSinceLastFrame, count < 2 else { return false }
    countSinceLastFrame = count + 1
    log.append(timestamp, sentAt: now)
    return true
  }

  /// Returns the round-trip time, or nil if it cannot be computed from this block.
  func roundTripTime(from block: ReportBlock, now: NIODeadline) -> TimeAmount? {
    log.roundTripTime(from: block, now: now)
  }

  /// Returns when the sender report was sent that the block names; nil if it names none that is remembered.
  func timeSent(of block: ReportBlock) -> NIODeadline? {
    log.timeSent(of: block)
  }

  mutating func handleTimeout(now: NIODeadline, using generator: inout some RandomNumberGenerator) {
    if schedule.handleTimeout(now: now, using: &generator) { isPending = true }
  }

  var deadline: NIODeadline? { schedule.deadline }

  /// Returns once for each report that it is due.
  mutating func poll() -> Bool {
    defer { isPending = false }
    return isPending
  }
}
