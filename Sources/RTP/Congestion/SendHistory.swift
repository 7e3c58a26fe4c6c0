import NIOCore

/// The packets that were sent with a transport-wide sequence number and of which the peer has not told yet.
struct SendHistory: Sendable {
  struct Packet: Sendable {
    var sentAt: NIODeadline
    /// The length in bytes, with all headers.
    var size: Int
    /// The time in seconds that the packet was expected to wait at the bottleneck.
    var expectedWait: Double
    /// The peer misses it: it was dropped before the bottleneck, or others have overtaken it.
    var isMissed = false
    var isSentAgain = false
  }

  /// The most packets kept: four seconds at 10 Mbit/s. It is a power of two, so that the low bits of a number are its
  /// index.
  static let capacity = 4096

  private var packets: [Packet?] = Array(repeating: nil, count: Self.capacity)
  /// Sequence numbers that do not wrap; on the wire are their low sixteen bits. What is older than `oldest` is forgotten.
  private var oldest = 0
  private var next = 0

  /// - Parameter number: its transport-wide sequence number, which follows that of the packet before.
  mutating func sent(_ packet: Packet, number: UInt16) {
    if next == oldest {
      oldest = Int(number)
      next = oldest
    }
    next = unwrap(number)
    if next - oldest >= Self.capacity { oldest = next - Self.capacity + 1 }
    packets[index(next)] = packet
    next += 1
  }

  /// The peer misses a packet.
  mutating func missed(_ number: UInt16) {
    update(number) { $0.isMissed = true }
  }

  /// A packet was sent again under the same number, so that an arrival says nothing of the first if that was missed.
  mutating func sentAgain(_ number: UInt16) {
    update(number) { $0.isSentAgain = $0.isMissed }
  }

  private mutating func update(_ number: UInt16, _ body: (inout Packet) -> Void) {
    let number = unwrap(number)
    guard number >= oldest, number < next, var packet = packets[index(number)] else { return }
    body(&packet)
    packets[index(number)] = packet
  }

  /// Takes a feedback.
  ///
  /// A packet counts as lost only when a later feedback passes over it, too: one that was overtaken arrives after the
  /// feedback that missed it.
  ///
  /// - Parameters:
  ///   - arrived: called for each packet that has arrived, in the order in which they were sent.
  ///   - lost: called for each packet that has not.
  mutating func receive(
    _ feedback: TransportWideFeedback, arrived: (_ packet: Packet, _ arrival: TimeAmount) -> Void,
    lost: (_ packet: Packet) -> Void
  ) {
    let base = unwrap(feedback.baseSequenceNumber)
    // What claims to have got packets that were never sent is no feedback on ours.
    guard base < next else { return }
    while oldest < base {
      if let packet = take(oldest) { lost(packet) }
      oldest += 1
    }
    for arrival in feedback.arrivals {
      let number = unwrap(arrival.sequenceNumber)
      guard number >= oldest, number < next, let packet = take(number) else { continue }
      if packet.isSentAgain { lost(packet) } else { arrived(packet, arrival.time) }
    }
  }

  /// The numbers that a feedback looks at: it is bounded by what is in flight, however long a call has lasted.
  var span: Int { next - oldest }

  /// Calls `body` for the packets from `time` on of which nothing was told, in the order in which they were sent.
  func forEachInFlight(sentFrom time: NIODeadline, _ body: (Packet) -> Void) {
    for number in oldest..<next {
      if let packet = packets[index(number)], packet.sentAt >= time, !packet.isMissed { body(packet) }
    }
  }

  private mutating func take(_ number: Int) -> Packet? {
    packets[index(number)].take()
  }

  private func unwrap(_ number: UInt16) -> Int {
    next + Int(Int16(bitPattern: number &- UInt16(truncatingIfNeeded: next)))
  }

  private func index(_ number: Int) -> Int {
    number & (Self.capacity - 1)
  }
}
