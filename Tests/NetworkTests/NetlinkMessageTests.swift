import NIOCore
import TestSupport
import Testing

@testable import Network

@Suite("What the kernel tells of interfaces")
struct NetlinkMessageTests {
  /// `ip addr add 192.0.2.7/24 dev lo`, then `del`, as recorded on amd64 (Linux 6).
  private static let added =
    "4c000000140000003076056b80480000021880000100000008000100c000020708000200c0000207070003006c6f0000"
    + "080008008000000014000600ffffffffffffffff35b51d0035b51d00"
  private static let removed =
    "4c000000150000003076056b81480000021880000100000008000100c000020708000200c0000207070003006c6f0000"
    + "080008008000000014000600ffffffffffffffff35b51d0035b51d00"

  private static func header(length: UInt32, type: UInt16) -> ByteBuffer {
    var buffer = ByteBuffer()
    buffer.writeInteger(length, endianness: .host)
    buffer.writeInteger(type, endianness: .host)
    buffer.writeRepeatingByte(0, count: 10)
    return buffer
  }

  @Test("an address that comes and goes, as recorded, alone and two in one datagram")
  func recorded() throws {
    let added = NetlinkMessage.newAddress(ByteBuffer(hex: String(Self.added.dropFirst(32))))
    #expect(try NetlinkMessage.parse(ByteBuffer(hex: Self.added)) == [added])
    #expect(try NetlinkMessage.parse(ByteBuffer(hex: Self.removed + Self.added)) == [.deletedAddress, added])
    #expect(try NetlinkMessage.parse(ByteBuffer()) == [])
  }

  @Test("links, lost messages and what is of no interest go by their types; the last needs no padding")
  func types() throws {
    // RTM_NEWLINK, RTM_DELLINK, NLMSG_OVERRUN, NLMSG_DONE, RTM_NEWROUTE.
    var datagram = ByteBuffer()
    for (type, length) in [(16, 17), (17, 16), (4, 16), (3, 16), (24, 18)] as [(UInt16, UInt32)] {
      var message = Self.header(length: length, type: type)
      message.writeRepeatingByte(7, count: Int(length) - 16 + (length == 17 ? 3 : 0))
      datagram.writeImmutableBuffer(message)
    }
    #expect(try NetlinkMessage.parse(datagram) == [.link, .link, .overrun, .done, .other(24)])
  }

  @Test("what is cut short, or tells a length that cannot be, is refused")
  func malformed() {
    let whole = ByteBuffer(hex: Self.added)
    for length in 1..<whole.readableBytes {
      let error: NetlinkError = length < 16 ? .truncatedHeader : .badLength(76)
      #expect(throws: error) { try NetlinkMessage.parse(whole.getSlice(at: 0, length: length) ?? whole) }
    }
    for length in [0, 15, 17, UInt32.max] {
      #expect(throws: NetlinkError.badLength(length)) {
        try NetlinkMessage.parse(Self.header(length: length, type: 16))
      }
    }
  }

  @Test("random datagrams are read to their end, or refused")
  func noise() {
    var generator = SeededGenerator(seed: 4)
    for _ in 0..<1_000 {
      let length = Int.random(in: 0...100, using: &generator)
      let datagram = ByteBuffer(bytes: (0..<length).map { _ in UInt8.random(in: 0...40, using: &generator) })
      #expect((try? NetlinkMessage.parse(datagram).count) ?? 0 <= length / 16)
    }
  }
}
