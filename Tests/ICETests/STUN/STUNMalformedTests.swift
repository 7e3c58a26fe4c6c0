import ICE
import NIOCore
import TestSupport
import Testing

@Suite("Malformed STUN")
struct STUNMalformedTests {
  private static let cookieAndID = "2112a442 000000000000000000000001"

  /// A Binding request with this body, its length right.
  private func message(_ body: String) -> ByteBuffer {
    let bytes = ByteBuffer(hex: body)
    var buffer = ByteBuffer(hex: "0001")
    buffer.writeInteger(UInt16(bytes.readableBytes))
    buffer.writeImmutableBuffer(ByteBuffer(hex: Self.cookieAndID))
    buffer.writeImmutableBuffer(bytes)
    return buffer
  }

  @Test(
    "invalid STUN headers are refused",
    arguments: [
      ("", .truncated), ("0001", .truncated),
      ("00010000 2112a442 00000000 00000000 000000", .truncated),
      ("40010000 \(cookieAndID)", .notSTUN), ("80010000 \(cookieAndID)", .notSTUN),
      ("00010000 2112a443 000000000000000000000001", .notSTUN),
      ("00010004 \(cookieAndID)", .lengthMismatch), ("00010002 \(cookieAndID) 0000", .lengthMismatch),
      ("00010000 \(cookieAndID) 00000000", .lengthMismatch), ("0001ffff \(cookieAndID)", .lengthMismatch),
    ] as [(String, STUNError)])
  func header(hex: String, error: STUNError) {
    #expect(stunError(ByteBuffer(hex: hex)) == error)
    #expect(!STUNMessage.looksLikeSTUN(ByteBuffer(hex: hex)))
  }

  @Test(
    "attributes with a wrong length or value are refused",
    arguments: [
      "0001 0008 00 01 0001", "0001 0007 00 01 0001 00000000", "0001 0008 00 03 0001 01020304",
      "0001 0008 00 02 0001 01020304", "0001 0014 00 01 0001 00000000000000000000000000000000",
      "0001 0000", "0001 000c 00 01 0001 01020304 01020304",
      "0020 0008 00 00 0001 01020304", "0012 0004 00010001", "0016 0001 00000000", "8023 0002 00010000",
      "0009 0003 00000400", "0009 0004 00000200", "0009 0004 00000700", "0009 0004 00000464", "0009 0000",
      "000a 0001 00000000", "000a 0003 00000000",
      "000c 0002 40000000", "000c 0008 4000000040000000",
      "000d 0000", "000d 0003 00000000", "000d 0008 0000000000000000",
      "0017 0004 03000000", "0017 0004 00000000", "0017 0001 01000000",
      "0019 0001 11000000", "0019 0008 1100000000000000",
      "0024 0002 00000000", "0024 0000", "0025 0004 00000000",
      "8029 0004 00000000", "802a 000c 000000000000000000000000",
      "0008 0010 00000000000000000000000000000000", "0008 0000", "8028 0000", "8028 0008 0000000000000000",
    ])
  func attribute(hex: String) throws {
    // Hand-written bodies may lack their last bytes: the overrun is the malformation then.
    let type = try #require(UInt16(hex.prefix(4), radix: 16))
    let error = stunError(message(hex))
    #expect(error == .malformedAttribute(type: type) || error == .attributeOverrun(type: type))
  }

  @Test("an attribute with a wrong length is reported as malformed and not as an overrun")
  func malformedRatherThanOverrun() {
    #expect(stunError(message("000d 0003 00000000")) == .malformedAttribute(type: 0x000D))
    #expect(stunError(message("0020 0008 0000 0001 01020304")) == .malformedAttribute(type: 0x0020))
    #expect(stunError(message("0009 0004 00000464")) == .malformedAttribute(type: 0x0009))
  }

  @Test("an attribute that extends beyond the message is refused")
  func overrun() {
    #expect(stunError(message("8022 0004")) == .attributeOverrun(type: 0x8022))
    #expect(stunError(message("8022 ffff 00000000")) == .attributeOverrun(type: 0x8022))
    #expect(stunError(message("8022 0005 00000000")) == .attributeOverrun(type: 0x8022))
  }

  @Test("texts beyond the maximum length are refused", arguments: [0x0006, 0x0014, 0x0015, 0x8022] as [UInt16])
  func longText(type: UInt16) {
    func text(_ length: Int) -> ByteBuffer {
      STUNMessage(
        .request, .binding, transactionID: TransactionID(high: 0, low: 0),
        attributes: [.unknown(type: type, ByteBuffer(repeating: 0x41, count: length))]
      ).encoded()
    }
    #expect(stunError(text(763)) == nil)
    #expect(stunError(text(764)) == .malformedAttribute(type: type))
  }

  @Test("a message with too many attributes is refused")
  func tooMany() {
    #expect(stunError(message(String(repeating: "80ff 0000", count: 64))) == nil)
    #expect(stunError(message(String(repeating: "80ff 0000", count: 65))) == .tooManyAttributes)
  }

  @Test("FINGERPRINT must be correct and the last attribute")
  func fingerprint() {
    #expect(stunError(message("8028 0004 00000000")) == .fingerprintMismatch)
    let id = TransactionID(high: 0, low: 1)
    // A right CRC that counts what follows it: as a forger would make it.
    let last = STUNMessage(.request, .binding, transactionID: id).encoded(fingerprint: true)
    #expect(stunError(last) == nil)
    var followed = ByteBuffer(hex: "0001000c \(Self.cookieAndID) 80280004")
    followed.writeInteger(Self.crc32(ByteBuffer(hex: "0001000c \(Self.cookieAndID)")) ^ 0x5354_554E)
    followed.writeMultipleIntegers(UInt16(0x80FF), UInt16(0))
    #expect(stunError(followed) == .fingerprintNotLast)
  }

  /// Bit by bit, by the polynomial.
  private static func crc32(_ bytes: ByteBuffer) -> UInt32 {
    ~bytes.readableBytesView.reduce(UInt32.max) { remainder, byte in
      (0..<8).reduce(remainder ^ UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }
  }

  @Test("random and mutated messages neither crash the parser nor pass as authentic")
  func fuzz() {
    var generator = SeededGenerator(seed: 5769)
    let key = IntegrityKey(password: "VOkJxbRl1RmTxUk/WvJxBt")
    let vectors = [STUNVectorTests.request, STUNVectorTests.ipv4Response, STUNVectorTests.ipv6Response]
    var accepted = 0
    for round in 0..<20_000 {
      var datagram: ByteBuffer
      if round % 4 == 0 {
        datagram = ByteBuffer(bytes: (0..<Int.random(in: 0...120, using: &generator)).map { _ in generator.next() })
      } else {
        datagram = vectors[round % 3]
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
          datagram.setInteger(
            generator.next() as UInt8, at: Int.random(in: 0..<datagram.readableBytes, using: &generator))
        }
        if Bool.random(using: &generator) {
          datagram.moveWriterIndex(to: Int.random(in: 0...datagram.readableBytes, using: &generator))
          if datagram.readableBytes >= 4 { datagram.setInteger(UInt16(max(0, datagram.readableBytes - 20)), at: 2) }
        }
      }
      if vectors.contains(datagram) { continue }
      guard let parsed = try? STUNMessage(parsing: datagram) else { continue }
      accepted += 1
      if parsed.hasValidIntegrity(key: key) {
        // Then only what the signature does not cover can have changed: the length and FINGERPRINT.
        let signed = vectors[round % 3].readableBytes - 24 - 8
        #expect(datagram.getSlice(at: 0, length: 2) == vectors[round % 3].getSlice(at: 0, length: 2))
        #expect(
          datagram.getSlice(at: 4, length: signed - 4) == vectors[round % 3].getSlice(at: 4, length: signed - 4))
      }
      #expect((try? STUNMessage(parsing: parsed.encoded()))?.attributes.count == parsed.attributes.count)
    }
    #expect(accepted > 100, "else the mutations are too coarse to test anything")
  }
}
