import NIOCore
import Testing

@testable import SRTP

@Suite struct SRTPSessionTests {
  @Test("packets with known keys equal the test vectors of RFC 3711 and RFC 7714", arguments: SRTPVector.all)
  func vectors(_ vector: SRTPVector) throws {
    var local = try Self.local(vector.profile, localKey: vector.keyAndSalt)
    var remote = try Self.remote(vector.profile, localKey: vector.keyAndSalt)

    var packet = ByteBuffer(bytes: SRTPVector.packet)
    try local.protect(&packet)
    #expect(packet == ByteBuffer(bytes: vector.protectedPacket))
    try remote.unprotect(&packet)
    #expect(packet == ByteBuffer(bytes: SRTPVector.packet))

    var control = ByteBuffer(bytes: SRTPVector.control)
    // libsrtp2 counts SRTCP packets from 1.
    try local.protectControl(&control)
    #expect(control == ByteBuffer(bytes: vector.protectedControl))
    try remote.unprotectControl(&control)
    #expect(control == ByteBuffer(bytes: SRTPVector.control))
  }

  @Test(
    "a packet with enough room is protected in place, and the bytes before it are kept", arguments: SRTPProfile.allCases
  )
  func inPlace(_ profile: SRTPProfile) throws {
    var local = try Self.local(profile)
    var remote = try Self.remote(profile)
    var packet = ByteBufferAllocator().buffer(capacity: 4 + 1200 + SRTPSession.tailroom)
    packet.writeInteger(UInt32(0x4001_0203))
    packet.writeImmutableBuffer(Self.packet(sequenceNumber: 1, payload: 1188))
    packet.moveReaderIndex(forwardBy: 4)
    let storage = packet.withUnsafeReadableBytes { $0.baseAddress }
    try local.protect(&packet)
    #expect(packet.withUnsafeReadableBytes { $0.baseAddress } == storage)
    #expect(packet.readableBytes == 1200 + profile.tagLength)
    try remote.unprotect(&packet)
    #expect(packet == Self.packet(sequenceNumber: 1, payload: 1188))
    packet.moveReaderIndex(to: 0)
    #expect(packet.readInteger(as: UInt32.self) == 0x4001_0203)
  }

  @Test("the buffer grows if there is no room behind the packet", arguments: SRTPProfile.allCases)
  func grows(_ profile: SRTPProfile) throws {
    var local = try Self.local(profile)
    var remote = try Self.remote(profile)
    var packet = Self.packet(sequenceNumber: 1, payload: 4096 - 12)
    packet.reserveCapacity(4096)
    #expect(packet.writableBytes == 0)
    try local.protect(&packet)
    try remote.unprotect(&packet)
    #expect(packet == Self.packet(sequenceNumber: 1, payload: 4096 - 12))
  }

  @Test("protecting one of two copies leaves the other unchanged")
  func copies() throws {
    var local = try Self.local(.aeadAES128GCM)
    let plain = Self.packet(sequenceNumber: 1, payload: 100)
    var packet = plain
    try local.protect(&packet)
    #expect(plain == Self.packet(sequenceNumber: 1, payload: 100))
  }

  @Test("a sequence number is not protected twice, and the refused packet is emptied", arguments: SRTPProfile.allCases)
  func protectsOnce(_ profile: SRTPProfile) throws {
    var local = try Self.local(profile)
    var first = Self.packet(sequenceNumber: 7, payload: 100)
    try local.protect(&first)
    var second = Self.packet(sequenceNumber: 7, payload: 100)
    #expect(Self.error { () throws(SRTPError) in try local.protect(&second) } == .replayed)
    #expect(second.readableBytes == 0)
  }

  @Test("a packet received twice is refused the second time", arguments: SRTPProfile.allCases)
  func replay(_ profile: SRTPProfile) throws {
    var local = try Self.local(profile)
    var remote = try Self.remote(profile)
    var packet = Self.packet(sequenceNumber: 7, payload: 100)
    try local.protect(&packet)
    var copy = packet
    try remote.unprotect(&packet)
    #expect(Self.error { () throws(SRTPError) in try remote.unprotect(&copy) } == .replayed)
    #expect(copy.readableBytes == 0)

    var control = ByteBuffer(bytes: SRTPVector.control)
    try local.protectControl(&control)
    var controlCopy = control
    try remote.unprotectControl(&control)
    #expect(Self.error { () throws(SRTPError) in try remote.unprotectControl(&controlCopy) } == .replayed)
  }

  @Test("a packet that is 1000 places late is accepted, and one that is 1100 places late is not")
  func window() throws {
    var local = try Self.local(.aeadAES128GCM)
    var remote = try Self.remote(.aeadAES128GCM)
    var packets: [ByteBuffer] = []
    for number in UInt16(0)...1100 {
      var packet = Self.packet(sequenceNumber: number, payload: 10)
      try local.protect(&packet)
      packets.append(packet)
    }
    try remote.unprotect(&packets[1100])
    try remote.unprotect(&packets[100])
    #expect(Self.error { () throws(SRTPError) in try remote.unprotect(&packets[0]) } == .replayed)
  }

  @Test("the sequence number may wrap")
  func wraps() throws {
    var local = try Self.local(.aes128CMHMACSHA1x80)
    var remote = try Self.remote(.aes128CMHMACSHA1x80)
    var number = UInt16.max - 2
    for _ in 0..<6 {
      var packet = Self.packet(sequenceNumber: number, payload: 10)
      try local.protect(&packet)
      try remote.unprotect(&packet)
      #expect(packet == Self.packet(sequenceNumber: number, payload: 10))
      number &+= 1
    }
  }

  @Test("a flipped bit anywhere in a packet is detected, and the packet is emptied", arguments: SRTPProfile.allCases)
  func tampering(_ profile: SRTPProfile) throws {
    var local = try Self.local(profile)
    var remote = try Self.remote(profile)
    var packet = Self.packet(sequenceNumber: 7, payload: 20)
    try local.protect(&packet)
    var control = ByteBuffer(bytes: SRTPVector.control)
    try local.protectControl(&control)
    for index in 0..<packet.readableBytes {
      var forged = Self.flipped(packet, at: index)
      #expect(Self.error { () throws(SRTPError) in try remote.unprotect(&forged) } != nil)
      #expect(forged.readableBytes == 0)
    }
    for index in 0..<control.readableBytes {
      var forged = Self.flipped(control, at: index)
      #expect(Self.error { () throws(SRTPError) in try remote.unprotectControl(&forged) } != nil)
      #expect(forged.readableBytes == 0)
    }
    var tail = Self.flipped(packet, at: packet.readableBytes - 1)
    #expect(Self.error { () throws(SRTPError) in try remote.unprotect(&tail) } == .authenticationFailed)
    try remote.unprotect(&packet)
    try remote.unprotectControl(&control)
  }

  @Test("truncated packets, and those too short to be protected, are refused", arguments: SRTPProfile.allCases)
  func truncation(_ profile: SRTPProfile) throws {
    var local = try Self.local(profile)
    var remote = try Self.remote(profile)
    // Contributing sources and an extension make the header longer than the packet may be.
    var packet = ByteBuffer(bytes: [0x9F, 0x60, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1])
    packet.writeRepeatingByte(1, count: 15 * 4)
    packet.writeBytes([0xBE, 0xDE, 0, 1, 0x10, 0, 0, 0] + [UInt8](repeating: 2, count: 20))
    try local.protect(&packet)
    var control = ByteBuffer(bytes: SRTPVector.control)
    try local.protectControl(&control)
    for length in 0..<packet.readableBytes {
      var short = ByteBuffer(bytes: packet.readableBytesView.prefix(length))
      #expect(Self.error { () throws(SRTPError) in try remote.unprotect(&short) } != nil)
    }
    for length in 0..<control.readableBytes {
      var short = ByteBuffer(bytes: control.readableBytesView.prefix(length))
      #expect(Self.error { () throws(SRTPError) in try remote.unprotectControl(&short) } != nil)
    }
    for length in 0..<12 {
      var short = ByteBuffer(bytes: SRTPVector.packet.prefix(length))
      #expect(Self.error { () throws(SRTPError) in try local.protect(&short) } == .malformed)
    }
    for length in 0..<8 {
      var short = ByteBuffer(bytes: SRTPVector.control.prefix(length))
      #expect(Self.error { () throws(SRTPError) in try local.protectControl(&short) } == .malformed)
    }
    try remote.unprotect(&packet)
  }

  @Test("our own packets are refused when reflected, since each direction has its own key")
  func reflection() throws {
    var local = try Self.local(.aeadAES128GCM)
    var packet = Self.packet(sequenceNumber: 7, payload: 100)
    try local.protect(&packet)
    #expect(Self.error { () throws(SRTPError) in try local.unprotect(&packet) } == .authenticationFailed)
  }

  @Test("the number of the peer's sources is limited, and forged packets do not use it up")
  func sources() throws {
    var local = try Self.local(.aeadAES128GCM)
    var remote = try Self.remote(.aeadAES128GCM)
    for source in 0..<UInt32(100) {
      var forged = Self.packet(sequenceNumber: 1, payload: 40, source: 1000 + source)
      #expect(Self.error { () throws(SRTPError) in try remote.unprotect(&forged) } == .authenticationFailed)
      forged = Self.report(source: 2000 + source)
      #expect(Self.error { () throws(SRTPError) in try remote.unprotectControl(&forged) } == .authenticationFailed)
    }
    for source in 0..<UInt32(SRTPSession.sourceLimit) {
      var packet = Self.packet(sequenceNumber: 1, payload: 10, source: source)
      try local.protect(&packet)
      try remote.unprotect(&packet)
    }
    var packet = Self.packet(sequenceNumber: 1, payload: 10, source: 5000)
    try local.protect(&packet)
    #expect(Self.error { () throws(SRTPError) in try remote.unprotect(&packet) } == .tooManySources)
    #expect(packet.readableBytes == 0)
    packet = Self.report(source: 5000)
    try local.protectControl(&packet)
    #expect(Self.error { () throws(SRTPError) in try remote.unprotectControl(&packet) } == .tooManySources)
    packet = Self.packet(sequenceNumber: 2, payload: 10, source: 3)
    try local.protect(&packet)
    try remote.unprotect(&packet)
  }

  private static func local(_ profile: SRTPProfile, localKey: [UInt8]? = nil) throws -> SRTPSession {
    let local = localKey ?? key(profile, from: 0)
    return try SRTPSession(
      keyingMaterial: SRTPKeyingMaterial(profile: profile, local: local, remote: key(profile, from: 100)))
  }

  private static func remote(_ profile: SRTPProfile, localKey: [UInt8]? = nil) throws -> SRTPSession {
    let local = localKey ?? key(profile, from: 0)
    return try SRTPSession(
      keyingMaterial: SRTPKeyingMaterial(profile: profile, local: key(profile, from: 100), remote: local))
  }

  private static func key(_ profile: SRTPProfile, from first: UInt8) -> [UInt8] {
    (0..<(profile.keyLength + profile.saltLength)).map { UInt8($0) + first }
  }

  private static func packet(sequenceNumber: UInt16, payload: Int, source: UInt32 = 0xCAFE_BABE) -> ByteBuffer {
    var packet = ByteBuffer(bytes: [0x80, 0x60])
    packet.writeInteger(sequenceNumber)
    packet.writeInteger(UInt32(90_000))
    packet.writeInteger(source)
    packet.writeRepeatingByte(0x5A, count: payload)
    return packet
  }

  private static func report(source: UInt32) -> ByteBuffer {
    var packet = ByteBuffer(bytes: [0x80, 0xC9, 0, 11])
    packet.writeInteger(source)
    packet.writeRepeatingByte(0x5A, count: 40)
    return packet
  }

  private static func flipped(_ packet: ByteBuffer, at index: Int) -> ByteBuffer {
    var bytes = Array(packet.readableBytesView)
    bytes[index] ^= 0x40
    return ByteBuffer(bytes: bytes)
  }

  /// `#expect(throws:)` cannot capture a noncopyable value.
  private static func error(_ body: () throws(SRTPError) -> Void) -> SRTPError? {
    do {
      try body()
      return nil
    } catch {
      return error
    }
  }
}
