import NIOCore
import RTP
import Testing

@Suite("RTP stream: header extensions of congestion control")
struct RTPStreamHeaderExtensionTests {
  private static let both = RTPStreamConfiguration.HeaderExtensions(
    transportWideSequenceNumber: 3, absoluteSendTime: 2)

  private static func stream(
    _ extensions: RTPStreamConfiguration.HeaderExtensions = both, rtx: Bool = true
  ) -> VP8Stream {
    var configuration: RTPStreamConfiguration = rtx ? .withRTX : .plain
    configuration.headerExtensions = extensions
    return VP8Stream(configuration)
  }

  @Test("media and RTX packets are numbered in the order in which they are sent, and the caller is told the numbers")
  func numbers() throws {
    var stream = Self.stream()
    var told: [UInt16?] = []
    var packets: [ByteBuffer] = []
    for frame in 0..<3 as Range<Int64> {
      let now = NIODeadline.test(milliseconds: frame * 50)
      let picture = RTPFrame(payload: .pattern(3000), captureTime: now, isKeyFrame: frame == 0)
      for packet in stream.packetize(picture, now: now) {
        told.append(stream.send(packet, now: now) { packets.append($0) })
      }
      stream.nack([try header(packets[packets.count - 2]).sequenceNumber], at: frame * 50 + 20)
      // The second one is the copy.
      for retransmission in stream.retransmissions(at: frame * 50 + 20) + stream.retransmissions(at: frame * 50 + 40) {
        guard case .rtx(let packet, let number) = retransmission else { continue }
        packets.append(packet)
        told.append(number)
      }
    }
    let ssrcs = try packets.map { try header($0).ssrc }
    let ofFrame = Array(repeating: videoSSRC, count: 3) + Array(repeating: retransmissionSSRC, count: 2)
    #expect(ssrcs == Array(repeating: ofFrame, count: 3).flatMap { $0 })
    let numbers = try packets.map { try header($0).extensions[3] }
    #expect(numbers == (0..<packets.count).map { UInt64($0) })
    #expect(told.map { $0.map { UInt64($0) } } == numbers)
  }

  @Test("transport-wide sequence numbers wrap")
  func wrap() throws {
    var stream = Self.stream()
    var last: [UInt64?] = []
    for index in 0..<0x1_0002 as Range<Int64> {
      let packets = stream.send(1, at: index)
      if index >= 0xFFFE { last += try packets.map { try header($0).extensions[3] } }
    }
    #expect(last == [0xFFFE, 0xFFFF, 0, 1])
  }

  /// abs-send-time is 6.18 bits of seconds.
  @Test(
    "a packet has the time at which it is sent or sent again, which wraps after 64 s",
    arguments: [
      (0, 0), (1_000_000_000, 1 << 18), (500_000_000, 1 << 17), (63_999_999_999, 0xFF_FFFF), (64_000_000_000, 0),
      (100 * 86_400 * 1_000_000_000 + 250_000_000, 1 << 16),
    ] as [(UInt64, UInt64)])
  func absoluteSendTime(nanoseconds: UInt64, expected: UInt64) throws {
    let now = NIODeadline.uptimeNanoseconds(nanoseconds)
    var stream = Self.stream()
    var sent: [RTPHeader] = []
    let frame = RTPFrame(payload: .pattern(10), captureTime: .distantPast, isKeyFrame: true)
    stream.send(frame, now: now) { packet in sent += (try? [header(packet)]) ?? [] }
    #expect(sent.map { $0.extensions[2] } == [expected])

    let later = now + .seconds(1) - .milliseconds(500)
    let nack = GenericNACK(senderSSRC: viewerSSRC, mediaSSRC: videoSSRC, lost: sent.map(\.sequenceNumber))
    stream.receive(.genericNACK(nack), now: later)
    let retransmission = stream.pollRetransmission(now: later)
    let again = try #require(retransmission).packet
    #expect(try header(again).extensions[2] == (expected + 1 << 17) & 0xFF_FFFF)
  }

  @Test("a packet has the least time until display, which follows losses over a long round trip")
  func playoutDelay() throws {
    var stream = Self.stream(.init(playoutDelay: 5))
    func value(at milliseconds: Int64) throws -> UInt64? {
      try header(#require(stream.send(10, at: milliseconds).first)).extensions[5]
    }
    #expect(try value(at: 0) == 1 << 12 | 1_000)
    for second in 1...3 as ClosedRange<Int64> {
      stream.packetsMissed(roundTrip: 0.24, now: .test(milliseconds: second * 1_000))
    }
    #expect(try value(at: 3_000) == 32 << 12 | 1_000)
  }

  @Test("a packet that is sent again as it was has its old number, and none is spent on it")
  func stored() throws {
    var stream = Self.stream(rtx: false)
    let packets = stream.send(3000, at: 0)
    stream.nack([try header(packets[1]).sequenceNumber], at: 10)
    #expect(stream.retransmissions(at: 10) == [.stored(packets[1], transportWideSequenceNumber: 1)])
    #expect(try stream.send(1, at: 40).map { try header($0).extensions[3] } == [3])
  }

  @Test(
    "the extensions count for the size limit and as header bytes, also in retransmissions",
    arguments: [
      (both, 24), (.init(transportWideSequenceNumber: 3, playoutDelay: 5), 24),
      (.init(transportWideSequenceNumber: 14), 20), (.init(absoluteSendTime: 1), 20), (.init(), 12),
    ] as [(RTPStreamConfiguration.HeaderExtensions, Int)])
  func sizes(extensions: RTPStreamConfiguration.HeaderExtensions, headerLength: Int) throws {
    var stream = Self.stream(extensions)
    let payload = 1200 - headerLength - 2
    let packets = stream.send((payload - 4) * 3, at: 0)
    #expect(packets.map(\.readableBytes) == [1198, 1198, 1198])
    #expect(try packets.allSatisfy { try header($0).encodedLength == headerLength })
    stream.nack(try packets.map { try header($0).sequenceNumber }, at: 10)
    let again = stream.retransmissions(at: 10).map(\.packet)
    #expect(again.map(\.readableBytes) == [1200, 1200, 1200])
    #expect(try again.allSatisfy { try header($0).encodedLength == headerLength })
    #expect(stream.statistics.headerBytesSent == 6 * headerLength)
    #expect(stream.statistics.bytesSent == 3 * payload + 3 * (payload + 2))
    #expect(stream.send((payload - 4) * 3 + 1, at: 40).count == 4)
  }

  @Test("a packet without a transport-wide sequence number is not reported as numbered")
  func unnumbered() throws {
    var stream = Self.stream(.init(absoluteSendTime: 2))
    let now = NIODeadline.test(milliseconds: 0)
    let frame = RTPFrame(payload: .pattern(10), captureTime: now, isKeyFrame: true)
    for packet in stream.packetize(frame, now: now) {
      #expect(stream.send(packet, now: now) { _ in } == nil)
    }
  }

  @Test("packets with extensions are written without a reallocation")
  func room() {
    var stream = Self.stream()
    for length in [1, 2000] {
      let now = NIODeadline.test(milliseconds: 0)
      stream.send(RTPFrame(payload: .pattern(length), captureTime: now, isKeyFrame: true), now: now) { packet in
        #expect(packet.readerIndex == 4)
        #expect(packet.writableBytes >= 16)
        let room = ByteBufferAllocator().buffer(capacity: 4 + packet.readableBytes + 16)
        #expect(packet.capacity == room.capacity)
      }
    }
  }
}
