import NIOCore
import RTP
import Testing

@Suite("RTCP packets (RFC 3550 section 6, RFC 4585, RFC 5104, REMB)")
struct RTCPPacketTests {
  static let block = ReportBlock(
    ssrc: 0xDEAD_BEEF, fractionLost: 0x40, packetsLost: 0x01_0203, extendedHighestSequenceNumber: 0x0001_FFFE,
    jitter: 7, lastSenderReport: 0xAABB_CCDD, delaySinceLastSenderReport: 0x0001_8000)
  static let blockHex = "DEADBEEF 40010203 0001FFFE 00000007 AABBCCDD 00018000"

  static let vectors: [(String, RTCPPacket)] = [
    (
      "81C8000C 12345678 0123456789ABCDEF 00000010 00000020 00000030 " + blockHex,
      .senderReport(
        SenderReport(
          ssrc: 0x1234_5678, ntpTimestamp: NTPTimestamp(rawValue: 0x0123_4567_89AB_CDEF), rtpTimestamp: 0x10,
          packetCount: 0x20, octetCount: 0x30, reportBlocks: [block]))
    ),
    ("81C90007 12345678 " + blockHex, .receiverReport(ReceiverReport(ssrc: 0x1234_5678, reportBlocks: [block]))),
    ("80C90001 12345678", .receiverReport(ReceiverReport(ssrc: 0x1234_5678))),
    (
      // An item that fills its word needs a whole word of nulls behind it.
      "82CA0006 00000001 01026162 00000000 00000002 0103636F 6C000000",
      .sourceDescription(
        SourceDescription(chunks: [.init(ssrc: 1, canonicalName: "ab"), .init(ssrc: 2, canonicalName: "col")]))
    ),
    ("81CA0002 00000001 00000000", .sourceDescription(SourceDescription(chunks: [.init(ssrc: 1, canonicalName: nil)]))),
    ("82CB0002 00000001 00000002", .goodbye(Goodbye(sources: [1, 2]))),
    (
      "81CD0004 00000001 00000002 FFFE8003 00110000",
      .genericNACK(
        GenericNACK(senderSSRC: 1, mediaSSRC: 2, lost: [0xFFFE, 0xFFFF, 0x0000, 0x000E, 0x0011]))
    ),
    (
      "8FCD0005 00000001 00000002 FFFF0003 00000103 A800 04FF",
      .transportWideFeedback(
        TransportWideFeedback(
          senderSSRC: 1, mediaSSRC: 2, feedbackCount: 3, baseSequenceNumber: 0xFFFF, packetStatusCount: 3,
          arrivals: [
            .init(sequenceNumber: 0xFFFF, time: .milliseconds(65)),
            .init(sequenceNumber: 1, time: .microseconds(65_000 + 63_750)),
          ]))
    ),
    (
      // An odd number of blocks is padded, and a stream may have none.
      "8BCD0008 00000001 DEADBEEF FFFE0003 8005 0000 FFFF 0000 00000003 00070000 AABBCCDD",
      .congestionControlFeedback(
        CongestionControlFeedback(
          senderSSRC: 1,
          reports: [
            .init(
              ssrc: 0xDEAD_BEEF, beginSequenceNumber: 0xFFFE,
              packets: [.init(timeOffset: 5), nil, .init(congestionNotification: 3, timeOffset: 0x1FFF)]),
            .init(ssrc: 3, beginSequenceNumber: 7, packets: []),
          ], timestamp: 0xAABB_CCDD))
    ),
    ("81CE0002 00000001 00000002", .pictureLossIndication(PictureLossIndication(senderSSRC: 1, mediaSSRC: 2))),
    (
      "84CE0006 00000001 00000000 DEADBEEF 05000000 00000002 FF000000",
      .fullIntraRequest(
        FullIntraRequest(
          senderSSRC: 1, entries: [.init(ssrc: 0xDEAD_BEEF, sequenceNumber: 5), .init(ssrc: 2, sequenceNumber: 255)]))
    ),
    (
      // 1,000,000 bit/s: 250,000 with an exponent of 2.
      "8FCE0005 00000001 00000000 52454D42 010BD090 DEADBEEF",
      .receiverEstimatedMaximumBitrate(
        ReceiverEstimatedMaximumBitrate(senderSSRC: 1, bitrate: 1_000_000, ssrcs: [0xDEAD_BEEF]))
    ),
  ]

  @Test("each kind of RTCP packet is read and written as its specification defines it", arguments: vectors)
  func vector(hex: String, packet: RTCPPacket) throws {
    #expect(RTCPPacket.compound([packet]) == ByteBuffer(hex: hex))
    #expect(try RTCPPacket.parse(ByteBuffer(hex: hex)) == [packet])
  }

  @Test("a compound contains all of its packets in order")
  func compound() throws {
    let packets = Self.vectors.map(\.1)
    let datagram = RTCPPacket.compound(packets, headroom: 4, tailroom: 20)
    #expect(datagram == ByteBuffer(hex: Self.vectors.map(\.0).joined()))
    #expect(datagram.readerIndex == 4)
    #expect(datagram.writableBytes >= 20)
    #expect(try RTCPPacket.parse(datagram) == packets)
  }

  @Test("unknown packets are skipped: XR, other feedback, and application layer feedback that is not REMB")
  func unknown() throws {
    let datagram = ByteBuffer(
      hex: """
        80CF0001 00000001  8ACD0003 00000001 00000002 00000003  85CE0002 00000001 00000002
        8FCE0003 00000001 00000002 58585858  80CC0000  81CE0002 00000001 00000002
        """)
    #expect(
      try RTCPPacket.parse(datagram) == [
        .unknown(packetType: 207, format: 0), .unknown(packetType: 205, format: 10),
        .unknown(packetType: 206, format: 5), .unknown(packetType: 206, format: 15),
        .unknown(packetType: 204, format: 0),
        .pictureLossIndication(PictureLossIndication(senderSSRC: 1, mediaSSRC: 2)),
      ])
  }

  @Test("padding, profile-specific extensions and SDES items other than CNAME are skipped")
  func tolerated() throws {
    #expect(
      try RTCPPacket.parse(ByteBuffer(hex: "80C90001 00000001  A1CE0003 00000001 00000002 00000004")) == [
        .receiverReport(ReceiverReport(ssrc: 1)),
        .pictureLossIndication(PictureLossIndication(senderSSRC: 1, mediaSSRC: 2)),
      ])
    #expect(
      try RTCPPacket.parse(ByteBuffer(hex: "80C90002 00000001 CAFECAFE")) == [
        .receiverReport(ReceiverReport(ssrc: 1))
      ])
    #expect(
      try RTCPPacket.parse(ByteBuffer(hex: "81CA0004 00000001 02015A 010161 0600 00000000")) == [
        .sourceDescription(SourceDescription(chunks: [.init(ssrc: 1, canonicalName: "a")]))
      ])
    #expect(
      try RTCPPacket.parse(ByteBuffer(hex: "81CB0003 00000001 03627965 00000000")) == [.goodbye(Goodbye(sources: [1]))])
  }

  @Test(
    "a malformed RTCP packet is refused with its error",
    arguments: [
      ("", RTPError.truncated),
      ("80C900", .truncated),
      ("80C90002 00000001", .truncated),
      ("40C90001 00000001", .unsupportedVersion),
      ("80C90000", .truncated),
      ("81C90001 00000001", .truncated),
      ("81C90006 00000001 00000000 00000000 00000000 00000000 00000000", .truncated),
      ("80C80005 00000001 00000000 00000000 00000000 00000000", .truncated),
      ("82CA0002 00000001 00000000", .truncated),
      ("81CA0002 00000001 01FF6162", .truncated),
      ("81CA0002 00000001 01026162", .truncated),
      ("81CA0001 00000001", .truncated),
      ("82CB0001 00000001", .truncated),
      ("81CD0002 00000001 00000002", .truncated),
      ("81CD0001 00000001", .truncated),
      ("8BCD0001 00000001", .truncated),
      ("8BCD0003 00000001 DEADBEEF 00000000", .truncated),
      ("8BCD0005 00000001 DEADBEEF 00000003 80058005 AABBCCDD", .truncated),
      ("8BCD0005 00000001 DEADBEEF 0000FFFF 80058005 AABBCCDD", .truncated),
      ("81CE0001 00000001", .truncated),
      ("84CE0002 00000001 00000000", .truncated),
      ("84CE0003 00000001 00000000 DEADBEEF", .truncated),
      ("8FCE0003 00000001 00000000 52454D42", .truncated),
      ("8FCE0004 00000001 00000000 52454D42 01000001", .truncated),
      ("A0C90002 00000001 00000000 80C90001 00000001", .invalidPadding),
      ("A0C90002 00000001 00000000", .invalidPadding),
      ("A0C90002 00000001 00000009", .invalidPadding),
      ("A0C90000", .invalidPadding),
    ])
  func malformed(hex: String, error: RTPError) {
    #expect(throws: error) { try RTCPPacket.parse(ByteBuffer(hex: hex)) }
  }

  @Test(
    "the number of packets lost is a signed 24-bit number, which may be negative as in Dino's reports",
    arguments: [(-1, "00FFFFFF"), (-8_388_608, "00800000"), (8_388_607, "007FFFFF")])
  func packetsLost(lost: Int32, word: String) throws {
    var block = Self.block
    block.fractionLost = 0
    block.packetsLost = lost
    let packet = RTCPPacket.receiverReport(ReceiverReport(ssrc: 1, reportBlocks: [block]))
    let datagram = RTCPPacket.compound([packet])
    #expect(datagram.getSlice(at: 12, length: 4) == ByteBuffer(hex: word))
    #expect(try RTCPPacket.parse(datagram) == [packet])
  }

  @Test("a number of packets lost beyond 24 bits is clamped and does not wrap")
  func packetsLostClamped() throws {
    for (lost, clamped) in [(Int32.min, -8_388_608), (.max, 8_388_607)] as [(Int32, Int32)] {
      var block = Self.block
      block.packetsLost = lost
      let datagram = RTCPPacket.compound([.receiverReport(ReceiverReport(ssrc: 1, reportBlocks: [block]))])
      block.packetsLost = clamped
      #expect(try RTCPPacket.parse(datagram) == [.receiverReport(ReceiverReport(ssrc: 1, reportBlocks: [block]))])
    }
  }

  @Test("the bit mask of a NACK names the sixteen packets after the first, also across the wrap")
  func nackBits() throws {
    let nack = GenericNACK(senderSSRC: 1, mediaSSRC: 2, items: [.init(packetID: 0xFFF8, followingLostPackets: 0xFFFF)])
    let lost = Array(nack.lostPackets)
    #expect(lost == (0..<17).map { UInt16(0xFFF8) &+ $0 })
    #expect(GenericNACK(senderSSRC: 1, mediaSSRC: 2, lost: lost) == nack)
  }

  @Test("REMB has eighteen bits of precision and saturates instead of overflowing")
  func rembRange() throws {
    func bitrate(_ word: String) throws -> Int? {
      let packets = try RTCPPacket.parse(ByteBuffer(hex: "8FCE0004 00000001 00000000 52454D42" + word))
      guard case .receiverEstimatedMaximumBitrate(let remb) = packets.first else { return nil }
      return remb.bitrate
    }
    #expect(try bitrate("00000000") == 0)
    #expect(try bitrate("00FC0000") == 0)
    #expect(try bitrate("0003FFFF") == 262_143)
    #expect(try bitrate("00FFFFFF") == .max)
    #expect(try bitrate("00FC0001") == .max)
    #expect(try bitrate("00F80001") == 1 << 62)
    for value in [0, 1, 262_143, 262_144, 30_000_000, Int.max] {
      let written = RTCPPacket.compound([
        .receiverEstimatedMaximumBitrate(.init(senderSSRC: 1, bitrate: value, ssrcs: []))
      ])
      guard case .receiverEstimatedMaximumBitrate(let read) = try RTCPPacket.parse(written)[0] else {
        Issue.record("no REMB")
        return
      }
      #expect(read.bitrate <= value && read.bitrate >= value - value / 131_072)
    }
  }

  @Test("RTCP is distinguished from RTP by its packet type (RFC 5761)")
  func demultiplexing() {
    #expect(RTCPPacket.looksLikeRTCP(ByteBuffer(hex: "80C8")))
    #expect(RTCPPacket.looksLikeRTCP(ByteBuffer(hex: "80DF")))
    #expect(!RTCPPacket.looksLikeRTCP(ByteBuffer(hex: "80E0")))
    #expect(!RTCPPacket.looksLikeRTCP(ByteBuffer(hex: "8060")))
    #expect(!RTCPPacket.looksLikeRTCP(ByteBuffer(hex: "80BF")))
    #expect(!RTCPPacket.looksLikeRTCP(ByteBuffer(hex: "80")))
  }

  @Test("NTP timestamps count from 1900 and wrap in 2036")
  func ntp() {
    #expect(NTPTimestamp(secondsSince1970: 0, nanoseconds: 0).rawValue == 0x83AA_7E80_0000_0000)
    #expect(NTPTimestamp(secondsSince1970: 0, nanoseconds: 500_000_000).middle == 0x7E80_8000)
    #expect(NTPTimestamp(secondsSince1970: 2_085_978_496, nanoseconds: 0).rawValue == 0)
    #expect(NTPTimestamp(secondsSince1970: 0, nanoseconds: 999_999_999).rawValue >> 32 == 0x83AA_7E80)
  }
}
