import NIOCore

/// When a report of a stream is due, of which kind it is, and what the peer's answers to it tell.
struct SenderReports: Sendable {
  private var schedule = RTCPReportSchedule()
  private var log = SenderReportLog()
  /// nil: no frame was sent yet.
  private var countSinceLastFrame: Int?
  /// Kept at most once, so that nothing here can grow.
  private var isPending = false

  mutating func frameSent(now: NIODeadline) {
    countSinceLastFrame = 0
    schedule.start(now: now)
  }

  /// Whether the next report is a sender report, which is counted and remembered then.
  ///
  /// RFC 3550 section 6.4: "a site … issues an SR if it has sent any data packets during the interval since issuing the
  /// last report or the previous one, otherwise it issues an RR".
  mutating func isSenderReportNext(_ timestamp: NTPTimestamp, now: NIODeadline) -> Bool {
    guard let count = countSinceLastFrame, count < 2 else { return false }
    countSinceLastFrame = count + 1
    log.append(timestamp, sentAt: now)
    return true
  }

  /// nil: it cannot be measured by this block.
  func roundTripTime(from block: ReportBlock, now: NIODeadline) -> TimeAmount? {
    log.roundTripTime(from: block, now: now)
  }

  mutating func handleTimeout(now: NIODeadline, using generator: inout some RandomNumberGenerator) {
    if schedule.handleTimeout(now: now, using: &generator) { isPending = true }
  }

  var deadline: NIODeadline? { schedule.deadline }

  /// Whether a report is due; true once for each time.
  mutating func poll() -> Bool {
    defer { isPending = false }
    return isPending
  }
}
