import NIOCore

/// The arrival times of the packets of all streams of a transport, by their transport-wide sequence numbers
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1).
package struct TransportWideFeedback: Hashable, Sendable {
  static let format: UInt8 = 15

  /// The arrival of one packet.
  package struct Arrival: Hashable, Sendable {
    package var sequenceNumber: UInt16
    /// The time on the receiver's clock, whose origin is unknown and which wraps after 2^24 times 64 ms, 12.4 days.
    package var time: TimeAmount

    package init(sequenceNumber: UInt16, time: TimeAmount) {
      self.sequenceNumber = sequenceNumber
      self.time = time
    }
  }

  /// The unit of the receive deltas, 250 us, in nanoseconds.
  private static let tick: Int64 = 250_000
  /// The unit of the reference time, 64 ms, in ticks, as a shift.
  private static let referenceShift: Int64 = 8

  package var senderSSRC: UInt32
  package var mediaSSRC: UInt32
  /// The count of the feedback packets of this sender, which tells that one was lost; it wraps at 256.
  package var feedbackCount: UInt8
  package var baseSequenceNumber: UInt16
  /// The sequence numbers that this feedback is about, from the base on, whether their packets have arrived or not.
  package var packetStatusCount: Int
  /// The packets that have arrived, in the order of their sequence numbers. One that was reported before may be among
  /// them: libwebrtc begins anew at a packet that arrived out of order.
  package var arrivals: [Arrival]

  package init(
    senderSSRC: UInt32, mediaSSRC: UInt32, feedbackCount: UInt8, baseSequenceNumber: UInt16, packetStatusCount: Int,
    arrivals: [Arrival]
  ) {
    self.senderSSRC = senderSSRC
    self.mediaSSRC = mediaSSRC
    self.feedbackCount = feedbackCount
    self.baseSequenceNumber = baseSequenceNumber
    self.packetStatusCount = packetStatusCount
    self.arrivals = arrivals
  }

  /// Returns nil where a packet has the reserved status. It is unknown whether that has a receive delta, so that the
  /// deltas behind it cannot be assigned to their packets.
  ///
  /// - Throws: `RTPError.truncated`.
  init?(parsing body: inout ByteBuffer) throws(RTPError) {
    senderSSRC = try body.readWord()
    mediaSSRC = try body.readWord()
    let range = try body.readWord()
    let reference = try body.readWord()
    baseSequenceNumber = UInt16(range >> 16)
    packetStatusCount = Int(range & 0xFFFF)
    feedbackCount = UInt8(truncatingIfNeeded: reference)
    arrivals = []

    var chunks = body
    var uncovered = packetStatusCount
    while uncovered > 0 { uncovered -= try PacketStatusChunk(parsing: &body).count }

    // "The value is to be interpreted in multiples of 64ms" and has 24 bits, signed.
    var time = Int64(Int32(bitPattern: reference) >> 8) << Self.referenceShift
    var sequenceNumber = baseSequenceNumber
    var remaining = packetStatusCount
    while remaining > 0 {
      let chunk = try PacketStatusChunk(parsing: &chunks)
      // The last chunk may have more symbols than there are packets.
      let count = min(chunk.count, remaining)
      remaining -= count
      guard !chunk.isLossRun else {
        sequenceNumber &+= UInt16(count)
        continue
      }
      for index in 0..<count {
        switch chunk.status(at: index) {
        case .notReceived: break
        case .smallDelta: time += Int64(try Self.readDelta(UInt8.self, from: &body))
        case .largeDelta: time += Int64(try Self.readDelta(Int16.self, from: &body))
        case .reserved: return nil
        }
        if chunk.status(at: index) != .notReceived {
          arrivals.append(Arrival(sequenceNumber: sequenceNumber, time: .nanoseconds(time * Self.tick)))
        }
        sequenceNumber &+= 1
      }
    }
  }

  private static func readDelta<Delta: FixedWidthInteger>(
    _ type: Delta.Type, from body: inout ByteBuffer
  ) throws(RTPError) -> Delta {
    guard let delta = body.readInteger(as: type) else { throw .truncated }
    return delta
  }

  /// Writes the feedback; times are rounded down to ticks. The arrivals must be less than 8.19 s apart, since a receive
  /// delta has 16 bits.
  func write(to buffer: inout ByteBuffer) {
    var time = (arrivals.first.map(Self.ticks(of:)) ?? 0) >> Self.referenceShift
    let reference = UInt32(truncatingIfNeeded: time) << 8 | UInt32(feedbackCount)
    time <<= Self.referenceShift
    var statuses = Array(repeating: PacketStatus.notReceived, count: packetStatusCount)
    var deltas = ByteBuffer()
    for arrival in arrivals {
      let delta = Self.ticks(of: arrival) - time
      time += delta
      let small = UInt8(exactly: delta)
      statuses[Int(arrival.sequenceNumber &- baseSequenceNumber)] = small == nil ? .largeDelta : .smallDelta
      if let small { deltas.writeInteger(small) } else { deltas.writeInteger(Int16(delta)) }
    }
    buffer.writeRTCPPacket(.transportLayerFeedback, count: Int(Self.format)) { body in
      body.writeMultipleIntegers(
        senderSSRC, mediaSSRC, UInt32(baseSequenceNumber) << 16 | UInt32(packetStatusCount), reference)
      let start = body.writerIndex
      var rest = statuses[...]
      while !rest.isEmpty { PacketStatusChunk(encoding: &rest).write(to: &body) }
      body.writeImmutableBuffer(deltas)
      body.writeRepeatingByte(0, count: (4 - (body.writerIndex - start) % 4) % 4)
    }
  }

  private static func ticks(of arrival: Arrival) -> Int64 {
    let (whole, rest) = arrival.time.nanoseconds.quotientAndRemainder(dividingBy: tick)
    return rest < 0 ? whole - 1 : whole
  }
}
