import NIOCore

/// The latest packets, kept for generic NACK (RFC 4585 section 6.2.1) and bounded in packets, bytes and age.
struct RetransmissionHistory: Sendable {
  /// A second of 10 Mbit/s; a power of two, so that a sequence number is its own index.
  static let maximumPackets = 1024
  static let maximumBytes = 1024 * 1024
  /// No receiver of live video waits longer for a packet.
  static let maximumAge = TimeAmount.seconds(1)

  struct Entry: Sendable {
    var sequenceNumber: UInt16
    var timestamp: UInt32
    var marker: Bool
    var payloadHeader: RTPPayloadHeader
    /// The number of bytes behind the RTP header, before protection.
    var payloadSize: Int
    /// The protected packet; or, where RTX is used, the fragment of the frame, whose storage it shares.
    var contents: ByteBuffer
    var sentAt: NIODeadline
    var sentAgainAt: NIODeadline?
    var isQueued = false
  }

  private var entries: [Entry?] = []
  private var oldest: UInt16
  private var next: UInt16
  private(set) var byteCount = 0
  private var queue = CircularBuffer<UInt16>()

  init(firstSequenceNumber: UInt16) {
    oldest = firstSequenceNumber
    next = firstSequenceNumber
    entries = Array(repeating: nil, count: Self.maximumPackets)
  }

  /// How many sequence numbers are remembered, with those between that were not stored.
  var count: Int {
    Int(next &- oldest)
  }

  /// `entry` must be newer than all before; it may leave a gap.
  mutating func store(_ entry: Entry) {
    precondition(entry.sequenceNumber &- next < 0x8000, "packets are stored in order")
    next = entry.sequenceNumber &+ 1
    byteCount += entry.contents.readableBytes
    while count > Self.maximumPackets {
      dropOldest()
    }
    entries[index(entry.sequenceNumber)] = entry
    while byteCount > Self.maximumBytes {
      dropOldest()
    }
    removeExpired(now: entry.sentAt)
  }

  mutating func removeExpired(now: NIODeadline) {
    while count > 0 {
      if let entry = entries[index(oldest)], now - entry.sentAt <= Self.maximumAge { return }
      dropOldest()
    }
  }

  /// Queues a packet to be sent again.
  /// - Parameter interval: not before so long after the last time; a repeated NACK within a round trip was sent before
  ///   the answer to the first could arrive.
  /// - Returns: false if it is no longer here, or on its way already.
  mutating func request(_ sequenceNumber: UInt16, notWithin interval: TimeAmount, now: NIODeadline) -> Bool {
    guard
      let entry = entry(sequenceNumber, now: now), !entry.isQueued, queue.count < Self.maximumPackets
    else { return false }
    if let last = entry.sentAgainAt, now - last < interval { return false }
    entries[index(sequenceNumber)]?.isQueued = true
    queue.append(sequenceNumber)
    return true
  }

  /// The next packet of the queue that is still here; `accept` says whether it may be sent.
  mutating func popRequested(now: NIODeadline, accept: (Entry) -> Bool) -> Entry? {
    while let sequenceNumber = queue.popFirst() {
      guard let entry = entry(sequenceNumber, now: now), entry.isQueued else { continue }
      entries[index(sequenceNumber)]?.isQueued = false
      guard accept(entry) else { continue }
      entries[index(sequenceNumber)]?.sentAgainAt = now
      return entry
    }
    return nil
  }

  private func entry(_ sequenceNumber: UInt16, now: NIODeadline) -> Entry? {
    guard
      let entry = entries[index(sequenceNumber)], entry.sequenceNumber == sequenceNumber,
      now - entry.sentAt <= Self.maximumAge
    else { return nil }
    return entry
  }

  private mutating func dropOldest() {
    // A slot that was never filled since its last packet was dropped is nil: dropping twice is impossible.
    if let entry = entries[index(oldest)], entry.sequenceNumber == oldest {
      byteCount -= entry.contents.readableBytes
      entries[index(oldest)] = nil
    }
    oldest &+= 1
  }

  private func index(_ sequenceNumber: UInt16) -> Int {
    Int(sequenceNumber) & (Self.maximumPackets - 1)
  }
}
