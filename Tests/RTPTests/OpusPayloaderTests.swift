import NIOCore
import TestSupport
import Testing

@testable import RTP

@Suite("Opus (RFC 7587)")
struct OpusPayloaderTests {
  @Test("a packet is the payload as it is, without a marker, at 48,000 ticks a second", arguments: [1, 160, 1_275])
  func payload(_ length: Int) throws {
    var stream = RTPStream<OpusPayloader>(.plain, generator: SeededGenerator(seed: 1))
    var sent: [ByteBuffer] = []
    for number in 0..<2 as Range<Int64> {
      let now = NIODeadline.test(milliseconds: number * 20)
      let frame = RTPFrame(payload: .pattern(length), captureTime: now, isKeyFrame: false)
      for packet in stream.packetize(frame, now: now) { stream.send(packet, now: now) { sent.append($0) } }
    }
    #expect(sent.count == 2)
    let headers = try sent.map { try header($0) }
    #expect(headers.allSatisfy { !$0.marker })
    #expect(headers[1].timestamp == headers[0].timestamp &+ 960)
    for var packet in sent {
      _ = try RTPHeader(parsing: &packet)
      #expect(packet == .pattern(length))
    }
  }
}
