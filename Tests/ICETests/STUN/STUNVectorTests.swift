import ICE
import NIOCore
import Testing

@Suite("RFC 5769 test vectors")
struct STUNVectorTests {
  private let key = IntegrityKey(password: "VOkJxbRl1RmTxUk/WvJxBt")

  static let request = ByteBuffer(
    hex: """
      00010058 2112a442 b7e7a701 bc34d686 fa87dfae
      80220010 5354554e 20746573 7420636c 69656e74
      00240004 6e0001ff
      80290008 932ff9b1 51263b36
      00060009 6576746a 3a683676 59202020
      00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2
      80280004 e57a3bcf
      """)
  static let ipv4Response = ByteBuffer(
    hex: """
      0101003c 2112a442 b7e7a701 bc34d686 fa87dfae
      8022000b 74657374 20766563 746f7220
      00200008 0001a147 e112a643
      00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7
      80280004 c07d4c96
      """)
  static let ipv6Response = ByteBuffer(
    hex: """
      01010048 2112a442 b7e7a701 bc34d686 fa87dfae
      8022000b 74657374 20766563 746f7220
      00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9
      00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41
      80280004 c8fb0b4c
      """)
  static let longTermRequest = ByteBuffer(
    hex: """
      00010060 2112a442 78ad3433 c6ad72c0 29da412e
      00060012 e3839ee3 8388e383 aae38383 e382afe3 82b90000
      0015001c 662f2f34 39396b39 35346436 4f4c3334 6f4c3946 53547679 36347341
      0014000b 6578616d 706c652e 6f726700
      00080014 f6702465 6dd64a3e 02b8e071 2e85c9a2 8ca89666
      """)

  @Test("the sample request of section 2.1 is read and verified")
  func request() throws {
    #expect(STUNMessage.looksLikeSTUN(Self.request))
    let message = try STUNMessage(parsing: Self.request)
    #expect(message.messageClass == .request)
    #expect(message.method == .binding)
    #expect(message.transactionID == TransactionID(high: 0xb7e7_a701, low: 0xbc34_d686_fa87_dfae))
    #expect(
      message.attributes == [
        .software("STUN test client"), .priority(0x6e00_01ff), .iceControlled(0x932f_f9b1_5126_3b36),
        .username("evtj:h6vY"),
      ])
    #expect(message.hasFingerprint)
    #expect(message.hasValidIntegrity(key: key))
    #expect(!message.hasValidIntegrity(key: IntegrityKey(password: "VOkJxbRl1RmTxUk/WvJxBT")))
  }

  @Test("the sample IPv4 response of section 2.2 is read and verified")
  func ipv4Response() throws {
    let message = try STUNMessage(parsing: Self.ipv4Response)
    #expect(message.messageClass == .success)
    #expect(message.xorMappedAddress == stunAddress("192.0.2.1", 32853))
    #expect(message.hasValidIntegrity(key: key))
  }

  @Test("the sample IPv6 response of section 2.3 is read and verified")
  func ipv6Response() throws {
    let message = try STUNMessage(parsing: Self.ipv6Response)
    #expect(message.xorMappedAddress == stunAddress("2001:db8:1234:5678:11:2233:4455:6677", 32853))
    #expect(message.hasValidIntegrity(key: key))
  }

  @Test("the request with long-term credentials of section 2.4 is read, verified and written identically")
  func longTermRequest() throws {
    let username = "\u{30DE}\u{30C8}\u{30EA}\u{30C3}\u{30AF}\u{30B9}"
    let key = IntegrityKey(username: username, realm: "example.org", password: "TheMatrIX")
    let message = try STUNMessage(parsing: Self.longTermRequest)
    #expect(message.username == username)
    #expect(message.realm == "example.org")
    #expect(message.nonce == ByteBuffer(string: "f//499k954d6OL34oL9FSTvy64sA"))
    #expect(!message.hasFingerprint)
    #expect(message.hasValidIntegrity(key: key))
    #expect(message.encoded(integrityKey: key) == Self.longTermRequest)
  }

  @Test("the samples are written identically except for their padding bytes")
  func encoding() throws {
    for vector in [Self.request, Self.ipv4Response, Self.ipv6Response] {
      let message = try STUNMessage(parsing: vector)
      let encoded = message.encoded(integrityKey: key, fingerprint: true)
      #expect(encoded.readableBytes == vector.readableBytes)
      let again = try STUNMessage(parsing: encoded)
      #expect(again.attributes == message.attributes)
      #expect(again.hasValidIntegrity(key: key))
      #expect(again.hasFingerprint)
    }
  }
}
