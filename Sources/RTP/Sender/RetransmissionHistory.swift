import NIOCore

/// The latest packets sent, kept to answer generic NACKs (RFC 4585 section 6.2.1) and bounded in number, bytes and age.
struct RetransmissionHistory: Sendable {
  /// The most packets kept, which is one second at 10 Mbit/s. It is a power of two, so that the low bits of a sequence
  /// number are its index.
  static let maximumPackets = 1024
  static let maximumBytes = 1024 * 1024
  /// A receiver of live video has given up waiting for a packet of this age.
  static let maximumAge = TimeAmount.seconds(1)
  /// How long a packet that was sent again is waited with to be sent once more, unrequested: a receiver asks again after
  /// 100 ms and more, which is seen as a freeze, and the shorter bursts of loss are over by then.
  static let copyDelay = TimeAmount.milliseconds(20)

  struct Entry: Sendable {
    var sequenceNumber: UInt16
    var timestamp: UInt32
    var marker: Bool
    var payloadHeader: RTPPayloadHeader
    /// The length of the payload behind the RTP header in bytes, before protection.
    var payloadSize: Int
    /// nil where the packet has none.
    var transportWideSequenceNumber: UInt16?
    /// The protected packet, or where RTX is used the fragment of the frame, whose storage it shares.
    var contents: ByteBuffer
    var sentAt: NIODeadline
    var sentAgainAt: NIODeadline?
    var isQueued = false
  }

  private var entries: [Entry?] = []
  private var oldest: UInt16
  private var next: UInt16
  /// The first packet that may be sent again.
  private var firstUseful: UInt16
  private(set) var byteCount = 0
  private var queue = CircularBuffer<UInt16>()
  /// What is to be sent once more, and when it was sent the last time.
  private var copies = CircularBuffer<(sequenceNumber: UInt16, sentAgainAt: NIODeadline)>()

  init(firstSequenceNumber: UInt16) {
    oldest = firstSequenceNumber
    next = firstSequenceNumber
    firstUseful = firstSequenceNumber
  }

  /// When a packet is to be sent again; nil if none is.
  var nextRequest: NIODeadline? {
    queue.isEmpty ? copies.first.map { $0.sentAgainAt + Self.copyDelay } : .distantPast
  }

  /// The number of sequence numbers covered, those of packets that were not stored included.
  var count: Int {
    Int(next &- oldest)
  }

  /// Stores a packet, which must be newer than all before it; numbers may be skipped.
  ///
  /// - Parameter isRepeated: whether it is sent once more, unrequested.
  mutating func store(_ entry: Entry, isRepeated: Bool = false) {
    precondition(entry.sequenceNumber &- next < 0x8000, "packets are stored in order")
    // A stream without retransmissions stores none.
    if entries.isEmpty { entries = Array(repeating: nil, count: Self.maximumPackets) }
    next = entry.sequenceNumber &+ 1
    byteCount += entry.contents.readableBytes
    while count > Self.maximumPackets {
      dropOldest()
    }
    entries[index(entry.sequenceNumber)] = entry
    if isRepeated { planCopy(of: entry.sequenceNumber, now: entry.sentAt) }
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
  ///
  /// - Parameter interval: the shortest time after the last retransmission of the packet. A NACK repeated within a
  ///   round trip was sent before the answer to the first could arrive.
  /// - Returns: false if the packet is no longer stored, is already queued, or was sent again within `interval`.
  mutating func request(_ sequenceNumber: UInt16, notWithin interval: TimeAmount, now: NIODeadline) -> Bool {
    guard
      let entry = entry(sequenceNumber, now: now), sequenceNumber &- firstUseful < 0x8000, !entry.isQueued,
      queue.count < Self.maximumPackets
    else { return false }
    if let last = entry.sentAgainAt, now - last < interval { return false }
    entries[index(sequenceNumber)]?.isQueued = true
    queue.append(sequenceNumber)
    return true
  }

  /// The transport-wide sequence number of a packet that is still stored; nil where it has none.
  func transportWideSequenceNumber(of sequenceNumber: UInt16, now: NIODeadline) -> UInt16? {
    entry(sequenceNumber, now: now)?.transportWideSequenceNumber
  }

  /// Returns the next queued packet that is still stored and that `accept` allows to be sent.
  mutating func popRequested(now: NIODeadline, accept: (Entry) -> Bool) -> Entry? {
    while let sequenceNumber = queue.popFirst() {
      guard let entry = entry(sequenceNumber, now: now) else { continue }
      entries[index(sequenceNumber)]?.isQueued = false
      guard accept(entry) else { continue }
      planCopy(of: sequenceNumber, now: now)
      return entry
    }
    return nil
  }

  private mutating func planCopy(of sequenceNumber: UInt16, now: NIODeadline) {
    entries[index(sequenceNumber)]?.sentAgainAt = now
    if copies.count < Self.maximumPackets { copies.append((sequenceNumber, now)) }
  }

  /// Returns the next packet of those that were sent again and not requested since, and that `accept` allows to be sent
  /// once more.
  mutating func popCopy(now: NIODeadline, accept: (Entry) -> Bool) -> Entry? {
    while let copy = copies.first, copy.sentAgainAt + Self.copyDelay <= now {
      copies.removeFirst()
      guard
        let entry = entry(copy.sequenceNumber, now: now), entry.sentAgainAt == copy.sentAgainAt, !entry.isQueued,
        accept(entry)
      else { continue }
      return entry
    }
    return nil
  }

  /// The packet with the longest payload.
  func longest(now: NIODeadline) -> Entry? {
    var longest: Entry?
    for offset in 0..<count {
      guard let entry = entry(oldest &+ UInt16(offset), now: now) else { continue }
      if entry.payloadSize > longest?.payloadSize ?? 0 { longest = entry }
    }
    return longest
  }

  /// Sends none of the packets again that are stored now. What they were is still known.
  mutating func forgetAll() {
    firstUseful = next
    queue.removeAll(keepingCapacity: true)
    copies.removeAll(keepingCapacity: true)
  }

  private func entry(_ sequenceNumber: UInt16, now: NIODeadline) -> Entry? {
    guard
      !entries.isEmpty, let entry = entries[index(sequenceNumber)], entry.sequenceNumber == sequenceNumber,
      now - entry.sentAt <= Self.maximumAge
    else { return nil }
    return entry
  }

  private mutating func dropOldest() {
    // The slot of a skipped sequence number is empty, since the packet that it held before was dropped.
    if let entry = entries[index(oldest)], entry.sequenceNumber == oldest {
      byteCount -= entry.contents.readableBytes
      entries[index(oldest)] = nil
    }
    if oldest == firstUseful { firstUseful &+= 1 }
    oldest &+= 1
  }

  private func index(_ sequenceNumber: UInt16) -> Int {
    Int(sequenceNumber) & (Self.maximumPackets - 1)
  }
}
