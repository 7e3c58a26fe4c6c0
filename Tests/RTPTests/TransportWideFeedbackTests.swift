import NIOCore
import RTP
import TestSupport
import Testing

@Suite("Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1)")
struct TransportWideFeedbackTests {
  struct Vector: Sendable {
    /// What stands behind the SSRCs.
    var hex: String
    var base: UInt16
    var count: Int
    var feedbackCount: UInt8 = 0
    var referenceTime: Int64 = 0
    /// The sequence numbers with their times in ticks after the reference time.
    var arrivals: [(UInt16, Int64)]

    var feedback: TransportWideFeedback {
      TransportWideFeedback(
        senderSSRC: 1, mediaSSRC: 2, feedbackCount: feedbackCount, baseSequenceNumber: base, packetStatusCount: count,
        arrivals: arrivals.map { number, ticks in
          .init(sequenceNumber: number, time: .milliseconds(64 * referenceTime) + .microseconds(250 * ticks))
        })
    }
  }

  private static func packet(_ hex: String, first: UInt8 = 0x8F) -> ByteBuffer {
    let rest = ByteBuffer(hex: hex)
    var packet = ByteBuffer(hex: "8FCD 0000 00000001 00000002")
    packet.setInteger(first, at: 0)
    packet.setInteger(UInt16((packet.readableBytes + rest.readableBytes) / 4 - 1), at: 2)
    packet.writeImmutableBuffer(rest)
    return packet
  }

  private static func parse(_ hex: String) throws -> TransportWideFeedback? {
    guard case .transportWideFeedback(let feedback) = try RTCPPacket.parse(packet(hex)).first else { return nil }
    return feedback
  }

  @Test(
    "feedback as Chrome sends it, whose padding has one to three octets, is read",
    arguments: [
      Vector(
        hex: "00040007 10636E 01 2007 4C2424100C0C10 000003", base: 4, count: 7, feedbackCount: 1,
        referenceTime: 0x10636E, arrivals: [(4, 76), (5, 112), (6, 148), (7, 164), (8, 176), (9, 188), (10, 204)]),
      Vector(
        hex: "0001000E 10636D 00 BA00 100C0C10 0002", base: 1, count: 14, referenceTime: 0x10636D,
        arrivals: [(1, 16), (2, 28), (3, 40), (5, 56)]),
      // A run that is longer than the packets that are left.
      Vector(
        hex: "853C0009 63F916 B3 D552 0030 9BAA6AAA7B 0109 01", base: 0x853C, count: 9, feedbackCount: 0xB3,
        referenceTime: 0x63F916,
        arrivals: [(0x853C, 155), (0x853D, 325), (0x853E, 431), (0x853F, 601), (0x8540, 724), (0x8542, 989)]),
    ])
  func libwebrtc(vector: Vector) throws {
    #expect(
      try RTCPPacket.parse(Self.packet(vector.hex, first: 0xAF)) == [.transportWideFeedback(vector.feedback)])
  }

  /// The first four are cases of libwebrtc's tests of its own writer.
  @Test(
    "feedback is written in few chunks, and read back",
    arguments: [
      // A vector of one bit each.
      Vector(
        hex: "0001000D 00000000 B0F2 0404140404040C 000000", base: 1, count: 13,
        arrivals: [(1, 4), (2, 8), (7, 28), (8, 32), (9, 36), (10, 40), (13, 52)]),
      // A vector of two bits each, for large and negative deltas, and a run of one packet.
      Vector(
        hex: "00010008 00000000 D806 4001 08 FFFC 0C FFFC 0100", base: 1, count: 8,
        arrivals: [(1, 8), (2, 4), (6, 16), (7, 12), (8, 268)]),
      // The longest run of losses.
      Vector(
        hex: "0000200E 00000000 A000 1FFF 2001 0404", base: 0, count: 8206, arrivals: [(0, 4), (8205, 8)]),
      // The wrap of sequence numbers.
      Vector(
        hex: "FFFE0003 00000007 A800 05FF", base: 0xFFFE, count: 3, feedbackCount: 7,
        arrivals: [(0xFFFE, 5), (0, 260)]),
      // A run of large deltas.
      Vector(
        hex: "00000010 00000000 DAAA 4008 2001 00" + String(repeating: "0100", count: 14) + "04", base: 0, count: 16,
        arrivals: (0..<15).map { ($0, 256 * Int64($0)) } + [(15, 256 * 14 + 4)]),
      // The example of a run of losses (section 3.1.3).
      Vector(hex: "000100DD 00000000 00DD 0000", base: 1, count: 221, arrivals: []),
      Vector(hex: "00010000 00000000", base: 1, count: 0, arrivals: []),
    ])
  func written(vector: Vector) throws {
    #expect(RTCPPacket.compound([.transportWideFeedback(vector.feedback)]) == Self.packet(vector.hex))
    #expect(try Self.parse(vector.hex) == vector.feedback)
  }

  @Test("the reference time is signed and wraps with the receiver's clock")
  func referenceTime() throws {
    #expect(try Self.parse("00000001 FFFFFF00 2001 0100")?.arrivals.map(\.time) == [.microseconds(-64_000 + 250)])
    #expect(try Self.parse("00000001 80000000 2001 0000")?.arrivals.map(\.time) == [.milliseconds(-(64 << 23))])
    for time in [TimeAmount.milliseconds(64 << 24), .milliseconds(3 * (64 << 24)), .zero] {
      let feedback = TransportWideFeedback(
        senderSSRC: 1, mediaSSRC: 2, feedbackCount: 0, baseSequenceNumber: 0, packetStatusCount: 1,
        arrivals: [.init(sequenceNumber: 0, time: time)])
      #expect(RTCPPacket.compound([.transportWideFeedback(feedback)]) == Self.packet("00000001 00000000 2001 0000"))
    }
  }

  @Test("times are rounded down to 250 us, and the errors do not add up")
  func rounding() throws {
    let arrivals = (0..<500 as Range<UInt16>).map { number in
      TransportWideFeedback.Arrival(sequenceNumber: number, time: .nanoseconds(Int64(number) * 1_083_333))
    }
    let feedback = TransportWideFeedback(
      senderSSRC: 1, mediaSSRC: 2, feedbackCount: 0, baseSequenceNumber: 0, packetStatusCount: 500, arrivals: arrivals)
    let datagram = RTCPPacket.compound([.transportWideFeedback(feedback)])
    guard case .transportWideFeedback(let read) = try RTCPPacket.parse(datagram).first else {
      Issue.record("no feedback")
      return
    }
    #expect(read.arrivals.map(\.sequenceNumber) == arrivals.map(\.sequenceNumber))
    #expect(
      zip(arrivals, read.arrivals).allSatisfy { sent, read in
        (0..<250_000).contains((sent.time - read.time).nanoseconds)
      })
  }

  @Test("random arrivals are read as they were written")
  func roundTrip() throws {
    var generator = SeededGenerator(seed: 15)
    for round in 0..<500 {
      var time = TimeAmount.microseconds(250 * Int64.random(in: -1_000_000...1_000_000_000, using: &generator))
      let base = UInt16.random(in: 0...UInt16.max, using: &generator)
      let count = Int.random(in: 1...(round % 10 == 0 ? 20_000 : 300), using: &generator)
      let (loss, late) = (Double.random(in: 0...1, using: &generator), Double.random(in: 0...0.5, using: &generator))
      var arrivals: [TransportWideFeedback.Arrival] = []
      for index in 0..<count where Double.random(in: 0..<1, using: &generator) >= loss {
        let isLate = Double.random(in: 0..<1, using: &generator) < late
        let deltas: ClosedRange<Int64> = isLate ? -32_768...32_767 : 0...255
        if !arrivals.isEmpty { time = time + .microseconds(250 * Int64.random(in: deltas, using: &generator)) }
        arrivals.append(.init(sequenceNumber: base &+ UInt16(index), time: time))
      }
      let packet = RTCPPacket.transportWideFeedback(
        TransportWideFeedback(
          senderSSRC: 1, mediaSSRC: 2, feedbackCount: UInt8(truncatingIfNeeded: round), baseSequenceNumber: base,
          packetStatusCount: count, arrivals: arrivals))
      // Behind it there is more, which it must not reach into.
      let compound = [packet, .receiverReport(ReceiverReport(ssrc: 1))]
      #expect(try RTCPPacket.parse(RTCPPacket.compound(compound)) == compound)
    }
  }

  @Test(
    "malformed feedback is refused with its error",
    arguments: [
      // Without its sequence numbers, without its reference time, without a chunk.
      ("", .truncated), ("00000001", .truncated), ("00000001 00000000", .truncated),
      // With one chunk of two, also where runs of nothing take its place.
      ("0000000F 00000000 8000 0000", .truncated), ("00000001 00000000 0000 0000", .truncated),
      // Without a small delta, and with half of a large one.
      ("00000003 00000000 2003 0404", .truncated), ("00000002 00000000 D800 0101", .truncated),
    ] as [(String, RTPError)])
  func malformed(hex: String, error: RTPError) {
    #expect(throws: error) { try RTCPPacket.parse(Self.packet(hex)) }
  }

  @Test("feedback whose padding is longer than its body is refused")
  func invalidPadding() {
    #expect(throws: RTPError.invalidPadding) {
      try RTCPPacket.parse(Self.packet("00000001 00000000 2001 0419", first: 0xAF))
    }
  }

  @Test("feedback that claims more arrivals than it has deltas for is refused, whatever the claim costs")
  func claims() {
    let chunks = String(repeating: "3FFF", count: 8)
    #expect(throws: RTPError.truncated) { try RTCPPacket.parse(Self.packet("0000FFFF 00000000" + chunks)) }
  }

  @Test("whatever the chunks are, arrivals are in order, within the numbers told of, and no more than there are octets")
  func randomChunks() throws {
    var generator = SeededGenerator(seed: 16)
    var read = 0
    for round in 0..<5_000 {
      let count = UInt16.random(in: 0...(round % 4 == 0 ? UInt16.max : 60), using: &generator)
      var datagram = Self.packet("0000 0000 000000 00")
      datagram.setInteger(UInt16.random(in: 0...UInt16.max, using: &generator), at: 12)
      datagram.setInteger(count, at: 14)
      for _ in 0..<4 * Int.random(in: 1...12, using: &generator) {
        datagram.writeInteger(UInt8.random(in: 0...255, using: &generator) & (round % 3 == 0 ? 0xBF : 0xDF))
      }
      datagram.setInteger(UInt16(datagram.readableBytes / 4 - 1), at: 2)
      guard case .transportWideFeedback(let feedback)? = try? RTCPPacket.parse(datagram).first else { continue }
      read += 1
      let places = feedback.arrivals.map { Int($0.sequenceNumber &- feedback.baseSequenceNumber) }
      #expect(places == Array(Set(places)).sorted() && places.count <= datagram.readableBytes)
      #expect(places.last ?? -1 < feedback.packetStatusCount)
      let packet = RTCPPacket.transportWideFeedback(feedback)
      #expect(try RTCPPacket.parse(RTCPPacket.compound([packet])) == [packet])
    }
    #expect(read > 1_000)
  }

  @Test("feedback with the reserved status is skipped, and the rest of its compound is taken")
  func reserved() throws {
    // The examples of sections 3.1.3 and 3.1.4: a run of 24 packets and a vector with one.
    for hex in ["00000018 00000000 6018 0000", "00000007 00000000 CD50 040404 000000"] {
      var datagram = Self.packet(hex)
      datagram.writeImmutableBuffer(ByteBuffer(hex: "80C90001 00000001"))
      #expect(
        try RTCPPacket.parse(datagram) == [
          .unknown(packetType: 205, format: 15), .receiverReport(ReceiverReport(ssrc: 1)),
        ])
    }
  }

  @Test("padded feedback may stand before other packets of a compound")
  func paddedInCompound() throws {
    var datagram = Self.packet("00000001 00000000 2001 0401", first: 0xAF)
    datagram.writeImmutableBuffer(ByteBuffer(hex: "80C90001 00000001"))
    let vector = Vector(hex: "", base: 0, count: 1, arrivals: [(0, 4)])
    #expect(
      try RTCPPacket.parse(datagram) == [
        .transportWideFeedback(vector.feedback), .receiverReport(ReceiverReport(ssrc: 1)),
      ])
  }
}
