import NIOCore
import RTP
import TestSupport
import Testing

@Suite("Hostile RTP and RTCP")
struct HostileInputTests {
  /// Gives everything that can be made of `datagram` to everything that takes it.
  private static func feed(
    _ datagram: ByteBuffer, to stream: inout VP8Stream,
    at milliseconds: Int64
  ) -> Int {
    let now = NIODeadline.test(milliseconds: milliseconds)
    var understood = 0
    let compound = (try? RTCPPacket.parse(datagram)) ?? []
    stream.receive(compound, now: now)
    for packet in compound {
      if case .unknown = packet { continue }
      understood += 1
    }
    var payload = datagram
    if (try? RTPHeader(parsing: &payload)) != nil {
      _ = try? VP8PayloadDescriptor(parsing: &payload)
    }
    return understood
  }

  /// What must hold whatever came in.
  private static func check(
    _ stream: inout VP8Stream, at milliseconds: Int64
  ) {
    let now = NIODeadline.test(milliseconds: milliseconds)
    stream.handleTimeout(now: now)
    #expect(stream.events().count <= 3)
    _ = stream.retransmissions(at: milliseconds)
    let report = stream.report(now: now, wallClock: NTPTimestamp(rawValue: UInt64(milliseconds) << 32))
    #expect((try? RTCPPacket.parse(report))?.count == 2)
    stream.send(3000, at: milliseconds)
  }

  @Test("random bytes, with and without a plausible beginning, change no state", arguments: [false, true])
  func random(rtx: Bool) {
    var generator = SeededGenerator(seed: 11)
    var stream = VP8Stream(rtx ? .withRTX : .plain)
    var understood = 0
    for round in 0..<20_000 as Range<Int64> {
      var bytes = (0..<Int.random(in: 0...96, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      if round % 2 == 0, bytes.count >= 4 {
        bytes[0] = 0x80 | bytes[0] & 0x1F
        bytes[1] = UInt8.random(in: 200...207, using: &generator)
        bytes[2] = 0
        bytes[3] = UInt8(bytes.count / 4 - 1)
      }
      understood += Self.feed(ByteBuffer(bytes: bytes), to: &stream, at: round)
      if round % 50 == 0 { Self.check(&stream, at: round) }
    }
    #expect(understood > 100)
  }

  @Test("a compound with the most allowed packets is parsed, and one with one more is refused")
  func packetCount() throws {
    let report = RTCPPacket.receiverReport(ReceiverReport(ssrc: viewerSSRC))
    #expect(try RTCPPacket.parse(RTCPPacket.compound(Array(repeating: report, count: 64))).count == 64)
    #expect(throws: RTPError.tooManyPackets) {
      try RTCPPacket.parse(RTCPPacket.compound(Array(repeating: report, count: 65)))
    }
  }

  @Test(
    "mutated packets and compounds change no state, not even with times that run backwards", arguments: [false, true])
  func mutated(rtx: Bool) {
    var generator = SeededGenerator(seed: 12)
    var stream = VP8Stream(rtx ? .withRTX : .plain)
    var understood = 0
    let compound = RTCPPacket.compound(RTCPPacketTests.vectors.map(\.1)).bytes
    let packets = stream.send(2000, at: 0).map(\.bytes)
    for round in 0..<20_000 as Range<Int64> {
      var bytes = round % 3 == 0 ? packets[0] : compound
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes.removeLast(Int.random(in: 0...min(8, bytes.count - 1), using: &generator))
        case 1: bytes.insert(0xFF, at: Int.random(in: 0...bytes.count, using: &generator))
        default:
          bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        }
      }
      let now = round + Int64.random(in: -5000...5000, using: &generator)
      understood += Self.feed(ByteBuffer(bytes: bytes), to: &stream, at: now)
      if round % 50 == 0 { Self.check(&stream, at: round) }
    }
    #expect(understood > 1000)
  }
}
