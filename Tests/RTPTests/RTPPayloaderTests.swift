import NIOCore
import RTP
import Testing

/// A format whose frames stand in their packets as they are, as those of most sound formats do.
struct BarePayloader: RTPPayloader {
  static let clockRate: UInt32 = 48_000
  static let marksLastPacket = true

  init(using generator: inout some RandomNumberGenerator) {}

  mutating func fragments(ofFrameWithLength length: Int, maximumPayloadSize: Int) -> RTPFragments {
    RTPFragments(
      frameLength: length, maximumPayloadSize: maximumPayloadSize, firstHeader: .none, followingHeader: .none)
  }
}

@Suite("RTP stream: payload formats, and packets that a pacer holds")
struct RTPPayloaderTests {
  typealias BareStream = RTPStream<BarePayloader>

  @Test("the payload format determines the clock rate and the payload header")
  func format() throws {
    var stream = BareStream()
    let packets = stream.send(160, at: 0) + stream.send(160, at: 20)
    #expect(try header(packets[1]).timestamp &- header(packets[0]).timestamp == 960)
    #expect(packets.map(\.readableBytes) == [172, 172])
    #expect(packets.allSatisfy { $0.bytes.suffix(160) == ByteBuffer.pattern(160).bytes[...] })
    #expect(stream.statistics.bytesSent == 320)
  }

  @Test("reported jitter is converted by the clock rate of the payload format")
  func jitter() {
    var stream = BareStream()
    let block = ReportBlock(
      ssrc: videoSSRC, fractionLost: 0, packetsLost: 0, extendedHighestSequenceNumber: 1, jitter: 480,
      lastSenderReport: 0, delaySinceLastSenderReport: 0)
    stream.receive(
      .receiverReport(ReceiverReport(ssrc: viewerSSRC, reportBlocks: [block])), now: .test(milliseconds: 0))
    #expect(stream.remoteStatistics?.jitter == 0.01)
  }

  @Test("lost packets of any payload format are sent again", arguments: [false, true])
  func retransmission(rtx: Bool) throws {
    var stream = BareStream(rtx ? .withRTX : .plain)
    let packets = stream.send(3000, at: 0)
    stream.nack([try header(packets[1]).sequenceNumber], at: 10)
    let again = stream.retransmissions(at: 10).map(\.packet)
    #expect(again.count == 1)
    #expect(again.first?.bytes.suffix(1000) == packets[1].bytes.suffix(1000))
    #expect(again.first?.readableBytes == (rtx ? 1014 : 1012))
  }

  @Test("packets are numbered in the order of sending, and a dropped packet leaves no gap")
  func held() throws {
    var stream = VP8Stream()
    var held = Array(stream.packetize(Self.frame(3000), now: .test(milliseconds: 0)))
    held.remove(at: 1)
    held += Array(stream.packetize(Self.frame(100, at: 40), now: .test(milliseconds: 40)))
    var headers: [RTPHeader] = []
    for packet in held {
      stream.send(packet, now: .test(milliseconds: 50)) { packet in
        if let header = try? header(packet) { headers.append(header) }
      }
    }
    #expect(headers.count == 3)
    #expect(zip(headers, headers.dropFirst()).allSatisfy { $0.sequenceNumber &+ 1 == $1.sequenceNumber })
    #expect(headers.map(\.marker) == [false, true, true])
    #expect(headers[2].timestamp &- headers[1].timestamp == 3600)
    #expect(stream.statistics.packetsSent == 3)
    #expect(stream.statistics.framesSent == 2)
  }

  @Test("a packet that a pacer held can be sent again for one second after it was sent")
  func age() {
    var stream = VP8Stream()
    var numbers: [UInt16] = []
    for packet in stream.packetize(Self.frame(100), now: .test(milliseconds: 0)) {
      stream.send(packet, now: .test(milliseconds: 900)) { packet in
        if let header = try? header(packet) { numbers.append(header.sequenceNumber) }
      }
    }
    stream.nack(numbers, at: 1900)
    #expect(stream.retransmissions(at: 1900).count == 1)
    stream.nack(numbers, at: 1901)
    #expect(stream.retransmissions(at: 1901) == [])
  }

  private static func frame(_ length: Int, at milliseconds: Int64 = 0) -> RTPFrame {
    RTPFrame(payload: .pattern(length), captureTime: .test(milliseconds: milliseconds), isKeyFrame: false)
  }
}
