import NIOCore

/// Key frames until a report shows that the peer has got one: soon after one another at first, then each second.
///
/// A peer may not be ready for the first packets, and miss them without knowing: Dino loses what is sent in the first half of
/// a second in most calls, and asks for another key frame after 2 to 3.5 s.
struct FirstKeyFrames: Sendable {
  /// The number of intervals that are short.
  private static let early = 3
  private static let earlyInterval = KeyFrameRequestLimiter.minimumInterval
  private static let interval = TimeAmount.seconds(1)
  /// A peer that never reports gets no more.
  private static let maximum = 13

  private var count = 0
  private var requests = 0
  private var last: (sequenceNumber: UInt16, at: NIODeadline)?
  /// When the peer is known to have received something, which later losses would be told of.
  private var heardSince: NIODeadline?
  private(set) var deadline: NIODeadline?

  /// - Parameter sequenceNumber: of its last packet.
  mutating func keyFrameSent(_ sequenceNumber: UInt16, now: NIODeadline) {
    guard count < Self.maximum else { return }
    count += 1
    last = (sequenceNumber, now)
    deadline = count < Self.maximum ? now + nextInterval : nil
  }

  /// - Parameter senderReportAt: when the sender report that the block names was sent.
  mutating func receive(_ block: ReportBlock, senderReportAt: NIODeadline?, now: NIODeadline) {
    defer { heardSince = heardSince ?? now }
    if let senderReportAt { heardSince = min(heardSince ?? senderReportAt, senderReportAt) }
    guard let last, let heardSince, heardSince < last.at else { return }
    let highest = UInt16(truncatingIfNeeded: block.extendedHighestSequenceNumber)
    guard highest &- last.sequenceNumber < 0x8000 else { return }
    count = Self.maximum
    deadline = nil
  }

  private var nextInterval: TimeAmount { requests < Self.early ? Self.earlyInterval : Self.interval }

  /// Returns whether a key frame is due. The next is due an interval after it was sent.
  mutating func handleTimeout(now: NIODeadline) -> Bool {
    guard let due = deadline, due <= now else { return false }
    requests += 1
    deadline = now + nextInterval
    return true
  }
}
