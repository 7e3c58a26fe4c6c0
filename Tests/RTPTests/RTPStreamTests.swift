import NIOCore
import RTP
import TestSupport
import Testing

@Suite("RTP stream: packets")
struct RTPStreamTests {
  @Test("frames are reassembled from their packets, also out of order")
  func roundTrip() throws {
    var stream = VP8Stream()
    var depayloader = VP8Depayloader()
    var generator = SeededGenerator(seed: 7)
    var expectedPictureID: UInt16?
    for (index, length) in [30_000, 1, 1184, 1185, 5000].enumerated() {
      var frames: [VP8Depayloader.Frame] = []
      let packets = stream.send(length, at: Int64(index) * 40, isKeyFrame: index == 0, seed: UInt8(index))
      for packet in packets.shuffled(using: &generator) {
        if let frame = try depayloader.receive(packet) { frames.append(frame) }
      }
      #expect(frames.map(\.payload) == [.pattern(length, seed: UInt8(index))])
      if let expectedPictureID { #expect(frames.first?.pictureID == (expectedPictureID + 1) & 0x7FFF) }
      expectedPictureID = frames.first?.pictureID
    }
  }

  @Test("sequence numbers are consecutive, and a frame has one timestamp and a marker at its end")
  func headers() throws {
    var stream = VP8Stream()
    let headers = try (stream.send(3000, at: 0) + stream.send(100, at: 40)).map(header)
    #expect(headers.map(\.marker) == [false, false, true, true])
    #expect(zip(headers, headers.dropFirst()).allSatisfy { $0.sequenceNumber &+ 1 == $1.sequenceNumber })
    #expect(headers.allSatisfy { $0.ssrc == videoSSRC && $0.payloadType == 96 })
    #expect(Set(headers[0..<3].map(\.timestamp)).count == 1)
    #expect(headers[3].timestamp &- headers[2].timestamp == 3600)
  }

  @Test("packets respect the size limit, even as retransmissions, and those of a frame are of equal size")
  func sizes() {
    for (configuration, overhead) in [(RTPStreamConfiguration.plain, 0), (.withRTX, 2)] {
      var stream = VP8Stream(configuration)
      for length in [1184 * 3, 1182 * 3, 1184 * 3 + 1, 40_000] {
        let sizes = stream.send(length, at: 0).map(\.readableBytes)
        #expect(sizes.count == (length + 1183 - overhead) / (1184 - overhead))
        #expect(sizes.allSatisfy { $0 <= 1200 - overhead })
        #expect(Set(sizes.dropLast()).count == 1)
        #expect(sizes.last ?? 0 <= sizes[0])
      }
    }
  }

  @Test("every packet has room before and behind it, so that protecting it in place does not copy it")
  func room() {
    var stream = VP8Stream()
    var moved = 0
    stream.send(
      RTPFrame(payload: .pattern(5000), captureTime: .test(milliseconds: 0), isKeyFrame: true),
      now: .test(milliseconds: 0)
    ) { packet in
      #expect(packet.readerIndex == 4)
      #expect(packet.writableBytes >= 16)
      let before = packet.withUnsafeReadableBytes { $0.baseAddress }
      packet.writeRepeatingByte(0xEE, count: 16)
      packet.setInteger(UInt32(1), at: 0)
      if packet.withUnsafeReadableBytes({ $0.baseAddress }) != before { moved += 1 }
    }
    #expect(moved == 0)
  }

  @Test("sequence numbers begin in the lower half of their range and wrap without losing a frame")
  func sequenceWrap() throws {
    var stream = VP8Stream(.plain, generator: HighestGenerator())
    var depayloader = VP8Depayloader()
    var numbers: [UInt16] = []
    for index in 0..<0x8004 {
      let packets = stream.send(1, at: Int64(index) * 10)
      numbers += try packets.map { try header($0).sequenceNumber }
      if index > 0x7FF0 {
        #expect(try depayloader.receive(packets[0]) != nil)
      }
    }
    #expect(numbers.first == 0x7FFF)
    #expect(numbers.suffix(4) == [0xFFFF, 0, 1, 2])
  }

  @Test("a frame across the wrap of sequence numbers is reassembled")
  func frameAcrossWrap() throws {
    var stream = VP8Stream(.plain, generator: HighestGenerator())
    for index in 0..<0x7FFF { stream.send(1, at: Int64(index)) }
    let packets = stream.send(4000, at: 40_000)
    #expect(try packets.map { try header($0).sequenceNumber } == [0xFFFE, 0xFFFF, 0, 1])
    var depayloader = VP8Depayloader()
    let frames = try packets.reversed().compactMap { try depayloader.receive($0) }
    #expect(frames.map(\.payload) == [.pattern(4000)])
  }

  @Test("timestamps advance at 90 kHz and wrap without drift, whatever the uptime")
  func timestamps() throws {
    var stream = VP8Stream(.plain, generator: HighestGenerator())
    // 2^32 ticks are 13 hours; 29.97 frames a second do not divide into ticks.
    let days = Int64(100 * 24 * 3600)
    var stamps: [UInt32] = []
    for frame in 0..<3 as Range<Int64> {
      let time = NIODeadline.uptimeNanoseconds(UInt64(days) * 1_000_000_000 + UInt64(frame * 33_366_667))
      stream.send(RTPFrame(payload: .pattern(1), captureTime: time, isKeyFrame: false), now: time) { packet in
        stamps.append((try? header(packet).timestamp) ?? 0)
      }
    }
    let start = UInt32.max &+ UInt32(truncatingIfNeeded: days * 90_000)
    #expect(stamps == [start, start &+ 3003, start &+ 6006])
  }

  /// 29.97 frames a second: a tick too early at every frame is 1.2 s an hour.
  @Test("timestamps are rounded to the nearest tick for an hour", arguments: [33_366_666, 33_366_667])
  func rounding(interval: Int64) throws {
    var stream = VP8Stream()
    var first: UInt32?
    for frame in stride(from: Int64(0), to: 3600 * 30, by: 97) {
      let time = NIODeadline.uptimeNanoseconds(UInt64(frame * interval))
      stream.send(RTPFrame(payload: .pattern(1), captureTime: time, isKeyFrame: false), now: time) { packet in
        guard let timestamp = try? header(packet).timestamp else { return }
        first = first ?? timestamp
        let error = Int64(timestamp &- (first ?? 0)) * 1_000_000_000 - frame * interval * 90_000
        if abs(error) > 500_000_000 { Issue.record("frame \(frame) is \(error) / 10⁹ ticks off") }
      }
    }
  }

  @Test("an empty frame sends no packet")
  func emptyFrame() {
    var stream = VP8Stream()
    #expect(stream.send(0, at: 0).isEmpty)
    #expect(stream.statistics == OutboundRTPStatistics())
    #expect(stream.deadline == nil)
  }

  @Test("statistics count packets, payload bytes and header bytes as webrtc-stats defines them")
  func statistics() {
    var stream = VP8Stream()
    stream.send(3000, at: 0, isKeyFrame: true)
    stream.send(10, at: 40)
    #expect(stream.statistics.packetsSent == 4)
    #expect(stream.statistics.bytesSent == 3000 + 10 + 4 * 4)
    #expect(stream.statistics.headerBytesSent == 48)
    #expect(stream.statistics.framesSent == 2)
    #expect(stream.statistics.keyFramesSent == 1)
  }
}
