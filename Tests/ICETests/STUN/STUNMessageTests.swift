import ICE
import NIOCore
import Testing

@Suite("STUN messages")
struct STUNMessageTests {
  private let id = TransactionID(high: 0x0102_0304, low: 0x0506_0708_090A_0B0C)
  private let key = IntegrityKey(password: "password")

  @Test("every attribute is read as it was written")
  func attributes() throws {
    let attributes: [STUNAttribute] = [
      .mappedAddress(stunAddress("198.51.100.7", 1)), .username("a:b"),
      .errorCode(STUNErrorCode(438, "Stale Nonce")), .unknownAttributes([0x7FFE, 0x0001, 0x8000]),
      .channelNumber(0x4FFF), .lifetime(.max), .xorPeerAddress(stunAddress("2001:db8::1", 65535)),
      .data(ByteBuffer(bytes: [1, 2, 3, 4, 5])), .realm("réalm"), .nonce(ByteBuffer(bytes: [0xFF, 0x00, 0xFE])),
      .xorRelayedAddress(stunAddress("203.0.113.255", 49152)), .requestedAddressFamily(.ipv6),
      .requestedTransport(17), .xorMappedAddress(stunAddress("0.0.0.0", 0)), .priority(0x7E00_00FF), .useCandidate,
      .software(""), .alternateDomain("turn.example.org"), .alternateServer(stunAddress("2001:db8::2", 3478)),
      .iceControlled(0), .iceControlling(.max),
      .unknown(type: 0x7FFF, ByteBuffer(bytes: [9])), .unknown(type: 0xFFFF, ByteBuffer()),
    ]
    let message = STUNMessage(.request, .allocate, transactionID: id, attributes: attributes)
    let parsed = try STUNMessage(parsing: message.encoded())
    #expect(parsed.attributes == attributes)
    #expect(parsed.transactionID == id)
    #expect(!parsed.isSigned && !parsed.hasFingerprint)
    #expect(parsed.unknownComprehensionRequired == [0x7FFF])
  }

  @Test(
    "the bits of class and method are combined in the message type",
    arguments: [0x000, 0x001, 0x00F, 0x070, 0xF80, 0xFFF])
  func messageType(method: UInt16) throws {
    for messageClass in [STUNMessageClass.request, .indication, .success, .error] {
      let message = STUNMessage(messageClass, STUNMethod(rawValue: method), transactionID: id)
      let parsed = try STUNMessage(parsing: message.encoded())
      #expect(parsed.messageClass == messageClass)
      #expect(parsed.method.rawValue == method)
    }
  }

  @Test("message types have the values of the IANA registries")
  func registeredTypes() {
    func type(_ messageClass: STUNMessageClass, _ method: STUNMethod) -> UInt16? {
      STUNMessage(messageClass, method, transactionID: id).encoded().getInteger(at: 0)
    }
    #expect(type(.request, .binding) == 0x0001)
    #expect(type(.success, .binding) == 0x0101)
    #expect(type(.error, .allocate) == 0x0113)
    #expect(type(.request, .refresh) == 0x0004)
    #expect(type(.indication, .send) == 0x0016)
    #expect(type(.indication, .data) == 0x0017)
    #expect(type(.request, .createPermission) == 0x0008)
    #expect(type(.request, .channelBind) == 0x0009)
  }

  @Test("attributes after MESSAGE-INTEGRITY are dropped, and the integrity is still valid")
  func trailingAttributes() throws {
    var signed = STUNMessage(.request, .binding, transactionID: id, attributes: [.priority(1)])
      .encoded(integrityKey: key)
    signed.writeMultipleIntegers(UInt16(0x0025), UInt16(0), UInt16(0x0006), UInt16(4), UInt32(0x61626364))
    signed.setInteger(UInt16(signed.readableBytes - 20), at: 2)
    let parsed = try STUNMessage(parsing: signed)
    #expect(parsed.attributes == [.priority(1)])
    #expect(!parsed.useCandidate)
    #expect(parsed.hasValidIntegrity(key: key))
  }

  @Test("only the first MESSAGE-INTEGRITY is used")
  func secondIntegrity() throws {
    let other = IntegrityKey(password: "other")
    var signed = STUNMessage(.request, .binding, transactionID: id).encoded(integrityKey: other)
    signed.writeMultipleIntegers(UInt16(0x0008), UInt16(20))
    signed.writeRepeatingByte(7, count: 20)
    signed.setInteger(UInt16(signed.readableBytes - 20), at: 2)
    let parsed = try STUNMessage(parsing: signed)
    #expect(parsed.hasValidIntegrity(key: other))
    #expect(!parsed.hasValidIntegrity(key: key))
  }

  @Test("a message without MESSAGE-INTEGRITY has no valid integrity")
  func unsigned() throws {
    let parsed = try STUNMessage(parsing: STUNMessage(.success, .binding, transactionID: id).encoded())
    #expect(!parsed.isSigned)
    #expect(!parsed.hasValidIntegrity(key: key))
  }

  @Test("a change of any bit invalidates the integrity or the message")
  func tampering() throws {
    let original = STUNMessage(
      .success, .allocate, transactionID: id,
      attributes: [.xorMappedAddress(stunAddress("192.0.2.1", 5)), .lifetime(600)]
    ).encoded(integrityKey: key)
    for bit in 0..<original.readableBytes * 8 {
      var changed = original
      let byte: UInt8 = try #require(changed.getInteger(at: bit / 8))
      changed.setInteger(byte ^ 1 << (bit % 8), at: bit / 8)
      guard let parsed = try? STUNMessage(parsing: changed) else { continue }
      #expect(!parsed.hasValidIntegrity(key: key), "bit \(bit)")
    }
  }

  @Test("a change of any bit invalidates the fingerprint or the message")
  func fingerprint() throws {
    let original = STUNMessage(.indication, .binding, transactionID: id, attributes: [.software("x")])
      .encoded(fingerprint: true)
    for bit in 0..<original.readableBytes * 8 {
      var changed = original
      let byte: UInt8 = try #require(changed.getInteger(at: bit / 8))
      changed.setInteger(byte ^ 1 << (bit % 8), at: bit / 8)
      let parsed = try? STUNMessage(parsing: changed)
      #expect(parsed?.hasFingerprint != true, "bit \(bit)")
    }
  }

  @Test("a message in the middle of a buffer is parsed like one at its beginning")
  func offset() throws {
    var buffer = ByteBuffer(bytes: [1, 2, 3])
    buffer.writeImmutableBuffer(STUNVectorTests.request)
    buffer.moveReaderIndex(forwardBy: 3)
    #expect(STUNMessage.looksLikeSTUN(buffer))
    let message = try STUNMessage(parsing: buffer)
    #expect(message.hasValidIntegrity(key: IntegrityKey(password: "VOkJxbRl1RmTxUk/WvJxBt")))
  }

  @Test("NULs and control characters are removed from a reason phrase")
  func reasonPhrase() throws {
    for (sent, read) in [("Stale\0\0", "Stale"), ("\u{1B}[31mred\r\n", "[31mred"), ("", ""), ("zu alt ✓", "zu alt ✓")] {
      let error = STUNMessage(
        .error, .allocate, transactionID: id, attributes: [.errorCode(STUNErrorCode(438, sent))])
      let parsed = try STUNMessage(parsing: error.encoded())
      #expect(parsed.errorCode == STUNErrorCode(438, read))
    }
  }

  @Test("the first of two equal attributes is used")
  func duplicates() throws {
    let message = STUNMessage(.request, .binding, transactionID: id, attributes: [.priority(1), .priority(2)])
    #expect(try STUNMessage(parsing: message.encoded()).priority == 1)
  }

  @Test("all 96 bits of a transaction ID are drawn from the generator")
  func transactionIDs() {
    var generator = SystemRandomNumberGenerator()
    let ids = (0..<200).map { _ in TransactionID(using: &generator) }
    #expect(Set(ids).count == 200)
    #expect(ids.reduce(0) { $0 | $1.high } == .max)
    #expect(ids.reduce(0) { $0 | $1.low } == .max)
  }
}
