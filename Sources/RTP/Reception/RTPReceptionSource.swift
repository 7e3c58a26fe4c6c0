import NIOCore

/// One incoming source: its sequence (RFC 3550 appendix A.1), losses (A.3) and jitter (A.8).
struct RTPReceptionSource: Sendable {
  /// Appendix A.1: MIN_SEQUENTIAL, MAX_DROPOUT, MAX_MISORDER.
  private static let minimumSequential = 2
  private static let maximumDropout: UInt16 = 3000
  private static let maximumMisorder: UInt16 = 100

  let ssrc: UInt32
  private(set) var lastHeard: NIODeadline
  var lastSenderReport: (middle: UInt32, arrival: NIODeadline)?

  private let clockRate: UInt32
  /// Packets in sequence that are still wanted before the source counts.
  private var probation = Self.minimumSequential - 1
  private var highest: UInt16
  private var cycles: UInt32 = 0
  private var base: UInt32
  /// The number that would show that a jump was a restart.
  private var restart: UInt16?
  private var received = 0
  private var prior = (expected: 0, received: 0)
  private var transit: UInt32
  private var jitter = 0.0

  init(_ header: RTPHeader, clockRate: UInt32, now: NIODeadline) {
    ssrc = header.ssrc
    self.clockRate = clockRate
    lastHeard = now
    highest = header.sequenceNumber
    base = UInt32(header.sequenceNumber)
    transit = 0
    transit = self.transit(of: header, now: now)
  }

  mutating func receive(_ header: RTPHeader, clockRate: UInt32, now: NIODeadline) {
    lastHeard = now
    guard isInSequence(header.sequenceNumber) else { return }
    received += 1
    let transit = transit(of: header, now: now)
    let difference = Int32(bitPattern: transit &- self.transit).magnitude
    self.transit = transit
    jitter += (Double(difference) - jitter) / 16
  }

  mutating func reportBlock(now: NIODeadline) -> ReportBlock? {
    guard probation == 0, received > prior.received else { return nil }
    let extended = cycles &+ UInt32(highest)
    let expected = Int(extended &- base) + 1
    let expectedNow = expected - prior.expected
    let lostNow = expectedNow - (received - prior.received)
    prior = (expected, received)
    let fraction = expectedNow > 0 && lostNow > 0 ? min(lostNow * 256 / expectedNow, 255) : 0
    return ReportBlock(
      ssrc: ssrc, fractionLost: UInt8(fraction),
      packetsLost: Int32(clamping: expected - received), extendedHighestSequenceNumber: extended,
      jitter: UInt32(jitter), lastSenderReport: lastSenderReport?.middle ?? 0,
      delaySinceLastSenderReport: lastSenderReport.map { Self.delay(from: $0.arrival, to: now) } ?? 0)
  }

  private mutating func isInSequence(_ sequenceNumber: UInt16) -> Bool {
    let advance = sequenceNumber &- highest
    if probation > 0 {
      probation = advance == 1 ? probation - 1 : Self.minimumSequential - 1
      highest = sequenceNumber
      if probation == 0 { begin(at: sequenceNumber) }
      return probation == 0
    }
    if advance < Self.maximumDropout {
      if sequenceNumber < highest { cycles &+= 1 << 16 }
      highest = sequenceNumber
      restart = nil
    } else if advance <= UInt16.max - Self.maximumMisorder {
      guard sequenceNumber == restart else {
        restart = sequenceNumber &+ 1
        return false
      }
      begin(at: sequenceNumber)
    }
    return true
  }

  private mutating func begin(at sequenceNumber: UInt16) {
    highest = sequenceNumber
    base = UInt32(sequenceNumber)
    cycles = 0
    restart = nil
    received = 0
    prior = (0, 0)
  }

  /// Arrival less timestamp, in clock units; only its changes mean something.
  private func transit(of header: RTPHeader, now: NIODeadline) -> UInt32 {
    let (seconds, nanoseconds) = now.uptimeNanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    let arrival = seconds &* UInt64(clockRate) &+ nanoseconds * UInt64(clockRate) / 1_000_000_000
    return UInt32(truncatingIfNeeded: arrival) &- header.timestamp
  }

  /// DLSR: 1/65536 s, at most what 32 bits hold (18 hours).
  private static func delay(from arrival: NIODeadline, to now: NIODeadline) -> UInt32 {
    let nanoseconds = UInt64(max(0, (now - arrival).nanoseconds))
    let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return UInt32(clamping: seconds << 16 + (rest << 16) / 1_000_000_000)
  }
}
