import NIOCore
import RTP
import Testing

@Suite("RTP header extensions (RFC 8285 section 4.2)")
struct RTPHeaderExtensionsTests {
  private static let fixed = RTPHeader(marker: false, payloadType: 96, sequenceNumber: 1, timestamp: 2, ssrc: 3)

  private static func parse(_ block: String) throws -> RTPHeader {
    var packet = ByteBuffer(hex: "90 60 0001 00000002 00000003" + block + "AABB")
    let header = try RTPHeader(parsing: &packet)
    #expect(packet == ByteBuffer(hex: "AABB"))
    return header
  }

  @Test("elements are written in order, padded to a word, and read back")
  func written() throws {
    var header = Self.fixed
    #expect(header.encodedLength == 12)
    header.extensions.append(id: 3, value: 0x1234, length: 2)
    #expect(header.encodedLength == 20)
    header.extensions.append(id: 14, value: 0xABCDEF, length: 3)
    #expect(header.encodedLength == 24)
    var packet = ByteBuffer()
    header.write(to: &packet)
    #expect(packet == ByteBuffer(hex: "90 60 0001 00000002 00000003 BEDE 0002 311234 E2ABCDEF 00"))
    #expect(packet.readableBytes == header.encodedLength)
    #expect(try RTPHeader(parsing: &packet) == header)
    #expect(packet.readableBytes == 0)
  }

  @Test("sixteen octets of elements fit, and so does a value of eight octets")
  func capacity() throws {
    var header = Self.fixed
    header.extensions.append(id: 1, value: .max, length: 8)
    header.extensions.append(id: 2, value: 0x0102_0304_0506, length: 6)
    #expect(header.extensions[1] == .max && header.extensions[2] == 0x0102_0304_0506 && header.extensions[3] == nil)
    var packet = ByteBuffer()
    header.write(to: &packet)
    #expect(packet.readableBytes == 32)
    #expect(try RTPHeader(parsing: &packet) == header)
  }

  @Test("a value that exceeds its length is reduced to its low octets")
  func tooLarge() {
    var extensions = RTPHeaderExtensions()
    extensions.append(id: 1, value: 0x11, length: 1)
    extensions.append(id: 2, value: 0x1_2345, length: 2)
    #expect(extensions[1] == 0x11 && extensions[2] == 0x2345)
  }

  @Test("padding between elements is skipped, and an element that does not fit is left out alone")
  func foreign() throws {
    let padded = try Self.parse("BEDE 0003 10AA0000 005101 02 00003177")
    #expect(padded.extensions[1] == 0xAA && padded.extensions[5] == 0x0102)
    let long = try Self.parse("BEDE 0003 18 000102030405060708 20BB")
    #expect(long.extensions[1] == nil && long.extensions[2] == 0xBB)
    let many = try Self.parse("BEDE 0005 17 0001020304050607 27 0001020304050607 30CC")
    #expect(many.extensions[1] != nil && many.extensions[2] == nil && many.extensions[3] == 0xCC)
  }

  @Test(
    "an identifier of 15, padding with a length, or an incomplete element ends the extension",
    arguments: ["10AA F0BB 20CC 0000", "10AA 01BB 20CC 0000", "10AA 000000 2F BBCC"])
  func ends(elements: String) throws {
    let header = try Self.parse("BEDE 0002" + elements)
    #expect(header.extensions[1] == 0xAA && header.extensions[2] == nil)
  }

  @Test(
    "header extensions of other forms are skipped",
    arguments: ["1000 0001 0101AA00", "ABCD 0001 10AA0000", "BEDE 0000"])
  func otherForms(block: String) throws {
    #expect(try Self.parse(block).extensions == RTPHeaderExtensions())
  }
}
