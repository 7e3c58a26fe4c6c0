import NIOCore
import RTP
import Testing

@Suite("RTP header (RFC 3550 section 5.1)")
struct RTPHeaderTests {
  @Test("an RTP header is read and written bit by bit")
  func vector() throws {
    let header = RTPHeader(
      marker: true, payloadType: 96, sequenceNumber: 0x0102, timestamp: 0x0304_0506, ssrc: 0x0708_090A)
    var packet = ByteBuffer()
    header.write(to: &packet)
    #expect(packet == ByteBuffer(hex: "80 E0 0102 03040506 0708090A"))
    packet.writeString("payload")
    #expect(try RTPHeader(parsing: &packet) == header)
    #expect(String(buffer: packet) == "payload")
  }

  @Test(
    "reading a header leaves the payload without contributing sources, extension and padding",
    arguments: [
      ("80 60 0001 00000002 00000003 AABB", "AABB"),
      ("82 60 0001 00000002 00000003 11111111 22222222 AABB", "AABB"),
      ("90 60 0001 00000002 00000003 BEDE 0001 10AA0000 AABB", "AABB"),
      ("90 60 0001 00000002 00000003 1000 0000 AABB", "AABB"),
      ("A0 60 0001 00000002 00000003 AABB 000003", "AABB"),
      ("A0 60 0001 00000002 00000003 01", ""),
      ("B1 60 0001 00000002 00000003 11111111 BEDE 0001 10AA0000 AABB 0002", "AABB"),
    ])
  func payload(packet: String, expected: String) throws {
    var packet = ByteBuffer(hex: packet)
    let header = try RTPHeader(parsing: &packet)
    #expect(packet == ByteBuffer(hex: expected))
    #expect(!header.marker && header.payloadType == 96 && header.ssrc == 3)
    #expect(header.sequenceNumber == 1 && header.timestamp == 2)
  }

  @Test(
    "a malformed header is refused, and the packet is left unchanged",
    arguments: [
      ("", RTPError.truncated),
      ("80 60 0001 00000002 000000", .truncated),
      ("40 60 0001 00000002 00000003", .unsupportedVersion),
      ("8F 60 0001 00000002 00000003 11111111", .truncated),
      ("90 60 0001 00000002 00000003 BEDE", .truncated),
      ("90 60 0001 00000002 00000003 BEDE FFFF 00000000", .truncated),
      ("A0 60 0001 00000002 00000003", .invalidPadding),
      ("A0 60 0001 00000002 00000003 AABB00", .invalidPadding),
      ("A0 60 0001 00000002 00000003 AABB04", .invalidPadding),
    ])
  func malformed(packet: String, error: RTPError) {
    var packet = ByteBuffer(hex: packet)
    let before = packet
    #expect(throws: error) { try RTPHeader(parsing: &packet) }
    #expect(packet == before)
  }
}
