import NIOCore
import TestSupport
import Testing

@testable import RTP

@Suite("RTP stream: retransmission (RFC 4585 generic NACK, RFC 4588 RTX)")
struct RTPStreamRetransmissionTests {
  /// Sends one frame as a driver would: protects in place, then frames for a TURN channel in the headroom.
  static func sendProtected(_ stream: inout VP8Stream, _ length: Int, at milliseconds: Int64) -> [ByteBuffer] {
    var protected: [ByteBuffer] = []
    let frame = RTPFrame(
      payload: .pattern(length), captureTime: .test(milliseconds: milliseconds), isKeyFrame: false)
    stream.send(frame, now: .test(milliseconds: milliseconds)) { packet in
      packet.setInteger(UInt64(0xC1F4_C1F4_C1F4_C1F4), at: packet.readerIndex + 12)
      packet.writeRepeatingByte(UInt8(truncatingIfNeeded: protected.count), count: 16)
      protected.append(packet)
      packet.setInteger(UInt32(0x4000_0000), at: packet.readerIndex - 4)
      packet.moveReaderIndex(to: packet.readerIndex - 4)
    }
    return protected
  }

  static func sequenceNumbers(_ packets: [ByteBuffer]) throws -> [UInt16] {
    try packets.map { try header($0).sequenceNumber }
  }

  /// Lets the stream measure a round trip.
  static func measure(_ roundTrip: Int64, _ stream: inout VP8Stream, at milliseconds: Int64) {
    let wallClock = NTPTimestamp(secondsSince1970: 1_700_000_000, nanoseconds: 0)
    _ = stream.report(now: .test(milliseconds: milliseconds), wallClock: wallClock)
    let block = ReportBlock(
      ssrc: videoSSRC, fractionLost: 0, packetsLost: 0, extendedHighestSequenceNumber: 0, jitter: 0,
      lastSenderReport: wallClock.middle, delaySinceLastSenderReport: 0)
    stream.receive(
      .receiverReport(ReceiverReport(ssrc: viewerSSRC, reportBlocks: [block])),
      now: .test(milliseconds: milliseconds + roundTrip))
  }

  @Test("a lost packet is sent again byte for byte, without the framing of its first path")
  func stored() throws {
    var stream = VP8Stream()
    let protected = Self.sendProtected(&stream, 5000, at: 0)
    let numbers = try Self.sequenceNumbers(protected)
    stream.nack([numbers[3], numbers[1]], at: 10)
    #expect(
      stream.retransmissions(at: 10) == [
        .stored(protected[3], transportWideSequenceNumber: nil),
        .stored(protected[1], transportWideSequenceNumber: nil),
      ])
    #expect(stream.retransmissions(at: 11) == [])
    #expect(stream.statistics.nackCount == 1)
    #expect(stream.statistics.retransmittedPacketsSent == 2)
    #expect(stream.statistics.retransmittedBytesSent == 2 * 1004)
    #expect(stream.statistics.packetsSent == 7)
  }

  @Test("what was sent before a key frame is not sent again, and what is sent with it is")
  func forgotten() throws {
    var stream = VP8Stream()
    let before = try Self.sequenceNumbers(Self.sendProtected(&stream, 3000, at: 0))
    stream.nack(before, at: 10)
    stream.forgetSentPackets()
    let next = stream.nextRetransmission
    #expect(next == nil)
    let after = Self.sendProtected(&stream, 1000, at: 20)
    stream.nack(before + (try Self.sequenceNumbers(after)), at: 30)
    #expect(stream.retransmissions(at: 30) == [.stored(after[0], transportWideSequenceNumber: nil)])
  }

  @Test("of what a NACK asks for the transport-wide numbers are known, also of what was sent before a key frame")
  func transportWideNumbers() throws {
    var configuration = RTPStreamConfiguration.withRTX
    configuration.headerExtensions.transportWideSequenceNumber = 3
    var stream = VP8Stream(configuration)
    let numbers = try Self.sequenceNumbers(stream.send(5000, at: 0))
    stream.forgetSentPackets()
    let nack = GenericNACK(
      senderSSRC: viewerSSRC, mediaSSRC: videoSSRC, lost: [numbers[1], numbers[3], numbers[0] &- 1])
    var lost: [UInt16] = []
    stream.forEachLost(in: nack, now: .test(milliseconds: 10)) { lost.append($0) }
    #expect(lost == [1, 3])
    stream.forEachLost(in: nack, now: .test(milliseconds: 2000)) { lost.append($0) }
    #expect(lost == [1, 3], "they are too old")
  }

  @Test("a retransmitted packet has its headroom again")
  func storedHeadroom() throws {
    var stream = VP8Stream()
    let numbers = try Self.sequenceNumbers(Self.sendProtected(&stream, 100, at: 0))
    stream.nack(numbers, at: 10)
    #expect(stream.retransmissions(at: 10).map(\.packet.readerIndex) == [4])
  }

  @Test("a packet that could not be protected is not stored", arguments: [false, true])
  func emptied(rtx: Bool) {
    var stream = VP8Stream(rtx ? .withRTX : .plain)
    var numbers: [UInt16] = []
    let frame = RTPFrame(payload: .pattern(3000), captureTime: .test(milliseconds: 0), isKeyFrame: false)
    stream.send(frame, now: .test(milliseconds: 0)) { packet in
      if let header = try? header(packet) { numbers.append(header.sequenceNumber) }
      if numbers.count == 2 { packet.clear() }
    }
    stream.nack(numbers, at: 10)
    #expect(stream.retransmissions(at: 10).count == 2)
    #expect(stream.statistics.retransmissionsSuppressed == 1)
  }

  @Test("a packet requested many times within a round trip is sent again once", arguments: [nil, 250] as [Int64?])
  func oncePerRoundTrip(measured: Int64?) throws {
    var stream = VP8Stream()
    let numbers = try Self.sequenceNumbers(stream.send(100, at: 0))
    if let measured { Self.measure(measured, &stream, at: -1000) }
    let roundTrip = measured ?? 100
    stream.nack([numbers[0], numbers[0]], at: 10)
    stream.nack(numbers, at: 11)
    #expect(stream.statistics.retransmissionsSuppressed == 2)
    #expect(stream.retransmissions(at: 20).count == 1)
    #expect(stream.retransmissions(at: 40).count == 1, "the copy")
    stream.nack(numbers, at: 20 + roundTrip - 1)
    #expect(stream.retransmissions(at: 20 + roundTrip - 1) == [])
    stream.nack(numbers, at: 20 + roundTrip)
    #expect(stream.retransmissions(at: 20 + roundTrip).count == 1)
  }

  @Test("a peer that claims a tiny round-trip time gets the same packet at most every 10 ms")
  func claimedRoundTrip() throws {
    var stream = VP8Stream()
    let numbers = try Self.sequenceNumbers(stream.send(100, at: 0))
    Self.measure(0, &stream, at: 0)
    var count = 0
    for millisecond in 0..<100 as Range<Int64> {
      stream.nack(numbers, at: millisecond)
      count += stream.retransmissions(at: millisecond).count
    }
    #expect(count == 10)
  }

  @Test("a packet that was sent again is sent once more after 20 ms, and not for ever")
  func copies() throws {
    var stream = VP8Stream()
    let protected = Self.sendProtected(&stream, 2000, at: 0)
    stream.nack(try Self.sequenceNumbers(protected), at: 10)
    #expect(stream.retransmissions(at: 10).count == 2)
    #expect(stream.nextRetransmission == .test(milliseconds: 30))
    #expect(stream.retransmissions(at: 29) == [])
    #expect(
      stream.retransmissions(at: 30) == [
        .stored(protected[0], transportWideSequenceNumber: nil),
        .stored(protected[1], transportWideSequenceNumber: nil),
      ])
    #expect(stream.nextRetransmission == nil)
    #expect(stream.statistics.retransmittedPacketsSent == 4)
  }

  @Test("a packet that is requested again before its copy is due has the copy of the later one")
  func requestedBeforeCopy() throws {
    var stream = VP8Stream()
    let numbers = try Self.sequenceNumbers(stream.send(100, at: 0))
    Self.measure(10, &stream, at: 0)
    for milliseconds in [20, 35] as [Int64] {
      stream.nack(numbers, at: milliseconds)
      #expect(stream.retransmissions(at: milliseconds).count == 1)
    }
    #expect(stream.retransmissions(at: 54) == [])
    #expect(stream.retransmissions(at: 55).count == 1)
  }

  @Test("half of the budget is kept for what is requested")
  func copiesLeaveBudget() throws {
    var stream = VP8Stream()
    var numbers: [UInt16] = []
    for _ in 0..<36 { numbers += try Self.sequenceNumbers(stream.send(1000, at: 0)) }
    stream.nack(numbers, at: 10)
    #expect(stream.retransmissions(at: 10).count == 36)
    #expect(stream.retransmissions(at: 30) == [])
    #expect(stream.statistics.retransmissionsSuppressed == 0)
  }

  @Test("a packet is not sent again after one second, even if it was queued before")
  func age() throws {
    var stream = VP8Stream()
    let numbers = try Self.sequenceNumbers(stream.send(100, at: 0))
    stream.nack(numbers, at: 1000)
    #expect(stream.retransmissions(at: 1000).count == 1)
    stream.nack(numbers, at: 1001)
    #expect(stream.retransmissions(at: 1001) == [])
    let later = try Self.sequenceNumbers(stream.send(100, at: 2000))
    stream.nack(later, at: 2500)
    #expect(stream.retransmissions(at: 3001) == [])
  }

  @Test("what is too old is given up though nothing more is sent")
  func silence() {
    var stream = VP8Stream()
    stream.send(5000, at: 0)
    stream.handleTimeout(now: .test(milliseconds: 1000))
    #expect(stream.history.count == 5 && stream.history.byteCount > 5000)
    stream.handleTimeout(now: .test(milliseconds: 1001))
    #expect(stream.history.count == 0 && stream.history.byteCount == 0)
  }

  @Test("at most 1,024 packets are stored, and an old number is not confused with the packet in its place")
  func packetBound() throws {
    var stream = VP8Stream()
    var packets: [ByteBuffer] = []
    for _ in 0..<1025 { packets += stream.send(1, at: 0) }
    #expect(stream.history.count == 1024)
    #expect(stream.history.byteCount == packets.dropFirst().map(\.readableBytes).reduce(0, +))
    let numbers = try Self.sequenceNumbers(packets)
    stream.nack([numbers[0]], at: 1)
    #expect(stream.retransmissions(at: 1) == [])
    stream.nack([numbers[1]], at: 1)
    #expect(stream.retransmissions(at: 1).count == 1)
  }

  @Test("at most 1 MiB of packets is stored", arguments: [false, true])
  func byteBound(rtx: Bool) throws {
    var stream = VP8Stream(rtx ? .withRTX : .plain)
    let contents = rtx ? 1180 : 1200
    let kept = 1024 * 1024 / contents
    var numbers: [UInt16] = []
    for _ in 0...kept { numbers += try Self.sequenceNumbers(stream.send(rtx ? 1180 : 1184, at: 0)) }
    stream.nack([numbers[0]], at: 1)
    #expect(stream.retransmissions(at: 1) == [])
    stream.nack([numbers[1]], at: 1)
    #expect(stream.retransmissions(at: 1).count == 1)
  }

  @Test("requests for unknown packets or other streams are only counted")
  func unknown() throws {
    var stream = VP8Stream()
    let number = try Self.sequenceNumbers(stream.send(100, at: 0))[0]
    stream.nack([number &+ 1, number &- 1, number &+ 1024, number &+ 0x8000], at: 1)
    let other = GenericNACK(senderSSRC: viewerSSRC, mediaSSRC: retransmissionSSRC, lost: [number])
    stream.receive(.genericNACK(other), now: .test(milliseconds: 1))
    #expect(stream.retransmissions(at: 1) == [])
    #expect(stream.statistics.retransmissionsSuppressed == 4)
    #expect(stream.statistics.nackCount == 1)
  }

  @Test("a flood of NACKs causes at most 64 KiB plus half of what was sent", arguments: [false, true])
  func flood(rtx: Bool) throws {
    var stream = VP8Stream(rtx ? .withRTX : .plain)
    var recent: [UInt16] = []
    var sent = 0
    var sentAgain = 0
    for tick in 0..<500 as Range<Int64> {
      let packets = stream.send(10_000, at: tick * 40)
      sent += packets.map(\.readableBytes).reduce(0, +)
      recent = try recent.suffix(200) + Self.sequenceNumbers(packets)
      for step in 0..<4 as Range<Int64> {
        stream.nack(recent, at: tick * 40 + step * 10)
        sentAgain += stream.retransmissions(at: tick * 40 + step * 10).map(\.packet.readableBytes).reduce(0, +)
      }
    }
    #expect(sentAgain <= 64 * 1024 + sent / 2)
    #expect(sentAgain > sent * 2 / 5)
    #expect(stream.statistics.retransmissionsSuppressed > 10_000)
  }

  @Test("one compound can request only as many packets as are stored, however it is split")
  func compoundBound() throws {
    for items in [1, 7, 60, 1_000] {
      var stream = VP8Stream()
      let number = try Self.sequenceNumbers(stream.send(100, at: 0))[0]
      // A thousand times seventeen packets that there never were.
      let item = GenericNACK.Item(packetID: number &+ 1_000, followingLostPackets: 0xFFFF)
      let nack = GenericNACK(
        senderSSRC: viewerSSRC, mediaSSRC: videoSSRC, items: Array(repeating: item, count: items))
      let last = GenericNACK(senderSSRC: viewerSSRC, mediaSSRC: videoSSRC, lost: [number])
      let nacks = Array(repeating: nack, count: 1_000 / items) + [last]
      stream.receive(nacks.map(RTCPPacket.genericNACK), now: .test(milliseconds: 1))
      #expect(stream.statistics.retransmissionsSuppressed == 1024)
      #expect(stream.retransmissions(at: 1) == [])
      #expect(stream.statistics.nackCount == nacks.count)
      // The next is another.
      stream.receive([.genericNACK(last)], now: .test(milliseconds: 2))
      #expect(stream.retransmissions(at: 2).count == 1)
    }
  }

  @Test("a receiver that lost every other stored packet gets all of them")
  func longNACK() throws {
    var stream = VP8Stream()
    var numbers: [UInt16] = []
    for _ in 0..<1024 { numbers += try Self.sequenceNumbers(stream.send(1, at: 0)) }
    let lost = stride(from: 0, to: 1024, by: 2).map { numbers[$0] }
    stream.nack(lost, at: 1)
    #expect(stream.retransmissions(at: 1).count == 512)
  }

  @Test("requests that are not polled do not accumulate")
  func queueBound() throws {
    var stream = VP8Stream()
    for round in 0..<3 as Range<Int64> {
      var numbers: [UInt16] = []
      for _ in 0..<1024 { numbers += try Self.sequenceNumbers(stream.send(1, at: round * 40)) }
      stream.nack(numbers, at: round * 40)
      #expect(stream.statistics.retransmissionsSuppressed == Int(round) * 1024)
    }
  }

  @Test("packets are found across the wrap of sequence numbers")
  func wrap() throws {
    var stream = VP8Stream(.plain, generator: HighestGenerator())
    for index in 0..<0x7FFF { stream.send(1, at: Int64(index)) }
    let packets = stream.send(4000, at: 40_000)
    #expect(try Self.sequenceNumbers(packets) == [0xFFFE, 0xFFFF, 0, 1])
    stream.nack([0xFFFE, 0xFFFF, 0, 1], at: 40_001)
    #expect(stream.retransmissions(at: 40_001).map(\.packet) == packets)
  }

  @Test("an RTX packet has its own SSRC, payload type and sequence number, and the original's other fields")
  func rtx() throws {
    var stream = VP8Stream(.withRTX)
    let packets = stream.send(3000, at: 0)
    let numbers = try Self.sequenceNumbers(packets)
    stream.nack(numbers, at: 10)
    let retransmissions = stream.retransmissions(at: 10)
    #expect(retransmissions.count == 3)
    var previous: UInt16?
    for (original, retransmission) in zip(packets, retransmissions) {
      guard case .rtx(var packet, nil) = retransmission else {
        Issue.record("not an RTX packet")
        return
      }
      #expect(packet.readerIndex == 4)
      #expect(packet.writableBytes >= 16)
      var original = original
      let originalHeader = try RTPHeader(parsing: &original)
      let header = try RTPHeader(parsing: &packet)
      #expect(header.ssrc == retransmissionSSRC)
      #expect(header.payloadType == 97)
      #expect(header.timestamp == originalHeader.timestamp)
      #expect(header.marker == originalHeader.marker)
      if let previous { #expect(header.sequenceNumber == previous &+ 1) }
      previous = header.sequenceNumber
      #expect(packet.readInteger() == originalHeader.sequenceNumber)
      #expect(packet == original)
    }
    #expect(stream.statistics.retransmittedBytesSent == 3000 + 3 * (4 + 2))
  }

  @Test("the largest packets fit into RTX packets, and frames with any lost packet are completed")
  func rtxRecovers() throws {
    var stream = VP8Stream(.withRTX)
    var depayloader = VP8Depayloader()
    let packets = stream.send(1182 * 4, at: 0, isKeyFrame: true)
    for packet in packets[2...] { #expect(try depayloader.receive(packet) == nil) }
    stream.nack(try Self.sequenceNumbers(Array(packets[..<2])), at: 5)
    let again = stream.retransmissions(at: 5).map(\.packet)
    #expect(again.map(\.readableBytes) == [1200, 1200])
    let frames = try again.compactMap { try depayloader.receiveRetransmission($0) }
    #expect(frames.map(\.payload) == [.pattern(1182 * 4)])
  }
}
