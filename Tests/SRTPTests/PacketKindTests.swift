import NIOCore
import Testing

@testable import SRTP

@Suite struct PacketKindTests {
  @Test(
    "the first byte determines the protocol, at the limits of RFC 7983's ranges",
    arguments: [
      (UInt8(0), PacketKind.stun), (3, .stun), (4, .other), (16, .other), (19, .other), (20, .dtls), (63, .dtls),
      (64, .turnChannel), (79, .turnChannel), (80, .other), (127, .other), (128, .rtp), (191, .rtp), (192, .other),
      (255, .other),
    ])
  func firstByte(_ byte: UInt8, _ kind: PacketKind) {
    #expect(PacketKind(of: ByteBuffer(bytes: [byte, 0x60])) == kind)
  }

  @Test(
    "the second byte distinguishes RTCP from RTP, at the limits of RFC 5761's range",
    arguments: [
      (UInt8(96), PacketKind.rtp), (191, .rtp), (192, .rtcp), (200, .rtcp), (223, .rtcp), (224, .rtp), (255, .rtp),
    ])
  func secondByte(_ byte: UInt8, _ kind: PacketKind) {
    #expect(PacketKind(of: ByteBuffer(bytes: [0x80, byte])) == kind)
  }

  @Test("a datagram that is too short has no protocol")
  func short() {
    #expect(PacketKind(of: ByteBuffer()) == .other)
    #expect(PacketKind(of: ByteBuffer(bytes: [0x80])) == .other)
  }

  @Test("bytes before the reader index are ignored")
  func readerIndex() {
    var datagram = ByteBuffer(bytes: [0x00, 0x01, 0x80, 0xC8])
    datagram.moveReaderIndex(forwardBy: 2)
    #expect(PacketKind(of: datagram) == .rtcp)
  }
}
