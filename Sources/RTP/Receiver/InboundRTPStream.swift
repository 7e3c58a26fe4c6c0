import NIOCore

/// The receiving side of one medium (RFC 3550 appendix A): what its packets are numbered without the limit of 16 bits,
/// and how many are lost.
///
/// A packet that does not continue the stream, because its SSRC is another or its sequence number is far away, is held
/// to be a stray one unless the packet after it follows on it.
package struct InboundRTPStream: Sendable {
  package private(set) var statistics = InboundRTPStatistics()
  /// The SSRC of the present stream; nil before the first packet.
  package var ssrc: UInt32? { source?.ssrc }

  private let clockRate: Int
  private var source: Source?
  private var generation = 0
  /// What the next packet has to be for a new stream to begin with it.
  private var candidate: (ssrc: UInt32, sequenceNumber: UInt16)?
  /// What was lost of the sources before.
  private var formerlyLost = 0

  /// MAX_DROPOUT and MAX_MISORDER of RFC 3550 appendix A.1.
  private static let largestGap = 3_000
  private static let largestDisorder = 100

  private struct Source {
    let ssrc: UInt32
    let first: Int
    var highest: Int
    var timestamp: Int
    var received = 0
    /// RFC 3550 appendix A.3: at the time of the last report.
    var expectedBefore = 0
    var receivedBefore = 0
    var transit: Int?
    /// RFC 3550 appendix A.8, in units of the media clock.
    var jitter = 0.0
    var senderReport: (middle: UInt32, arrivalTime: NIODeadline)?

    var expected: Int { highest - first + 1 }
  }

  package init(clockRate: Int) {
    self.clockRate = clockRate
  }

  /// Takes an authentic packet.
  ///
  /// - Returns: nil if it does not belong to the stream.
  package mutating func receive(_ header: RTPHeader, _ payload: ByteBuffer, now: NIODeadline) -> InboundRTPPacket? {
    guard let number = place(header) else {
      statistics.packetsDiscarded += 1
      return nil
    }
    // A hostile sender can let its clock leap with each packet until the sum overflows.
    let timestamp =
      source!.timestamp &+ Int(Int32(bitPattern: header.timestamp &- UInt32(truncatingIfNeeded: source!.timestamp)))
    if number >= source!.highest {
      source!.highest = number
      source!.timestamp = timestamp
    }
    source!.received += 1
    measureJitter(timestamp, now: now)
    statistics.packetsReceived += 1
    statistics.bytesReceived += payload.readableBytes
    statistics.headerBytesReceived += header.encodedLength
    statistics.packetsLost = formerlyLost + source!.expected - source!.received
    statistics.mostPacketsLost = max(statistics.mostPacketsLost, statistics.packetsLost)
    statistics.jitter = source!.jitter / Double(clockRate)
    return InboundRTPPacket(
      generation: generation, sequenceNumber: number, timestamp: timestamp, payload: payload, arrivalTime: now)
  }

  /// The number of the packet in the stream, which begins anew with it if it has to; nil for a stray packet.
  private mutating func place(_ header: RTPHeader) -> Int? {
    guard let source else {
      begin(header)
      return Int(header.sequenceNumber)
    }
    if header.ssrc == source.ssrc {
      let distance = Int(Int16(bitPattern: header.sequenceNumber &- UInt16(truncatingIfNeeded: source.highest)))
      if distance < Self.largestGap, distance > -Self.largestDisorder {
        candidate = nil
        // What was sent before the first packet is counted by nobody.
        return source.highest + distance >= source.first ? source.highest + distance : nil
      }
    }
    guard candidate?.ssrc == header.ssrc, candidate?.sequenceNumber == header.sequenceNumber else {
      candidate = (header.ssrc, header.sequenceNumber &+ 1)
      return nil
    }
    begin(header)
    return Int(header.sequenceNumber)
  }

  private mutating func begin(_ header: RTPHeader) {
    if let source { formerlyLost += source.expected - source.received }
    generation += 1
    candidate = nil
    let number = Int(header.sequenceNumber)
    source = Source(ssrc: header.ssrc, first: number, highest: number, timestamp: Int(header.timestamp))
  }

  private mutating func measureJitter(_ timestamp: Int, now: NIODeadline) {
    let arrival = Int((now - .uptimeNanoseconds(0)).seconds * Double(clockRate))
    let transit = arrival &- timestamp
    if let last = source!.transit { source!.jitter += (Double((transit &- last).magnitude) - source!.jitter) / 16 }
    source!.transit = transit
  }

  /// Takes a sender report of the peer, which the next report block refers to.
  package mutating func receive(_ report: SenderReport, now: NIODeadline) {
    guard report.ssrc == source?.ssrc else { return }
    source?.senderReport = (report.ntpTimestamp.middle, now)
  }

  /// Makes the reception report since the last one (RFC 3550 section 6.4.1); nil before the first packet.
  package mutating func reportBlock(now: NIODeadline) -> ReportBlock? {
    guard var source else { return nil }
    let expected = source.expected - source.expectedBefore
    let lost = max(0, expected - (source.received - source.receivedBefore))
    source.expectedBefore = source.expected
    source.receivedBefore = source.received
    self.source = source
    let delay = source.senderReport.map { (now - $0.arrivalTime).seconds * 65_536 } ?? 0
    return ReportBlock(
      ssrc: source.ssrc, fractionLost: expected > 0 ? UInt8(clamping: lost * 256 / expected) : 0,
      packetsLost: Int32(clamping: source.expected - source.received),
      extendedHighestSequenceNumber: UInt32(truncatingIfNeeded: source.highest),
      jitter: UInt32(min(source.jitter, Double(UInt32.max))),
      lastSenderReport: source.senderReport?.middle ?? 0,
      delaySinceLastSenderReport: UInt32(max(0, min(delay, Double(UInt32.max)))))
  }
}
