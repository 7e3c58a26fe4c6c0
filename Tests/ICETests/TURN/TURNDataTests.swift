import ICE
import NIOCore
import TestSupport
import Testing

@Suite("TURN data")
struct TURNDataTests {
  private typealias Bed = TURNTestbed

  /// A payload with room before it, as packets of the hot path have.
  private func payload(_ text: String, headroom: Int) -> ByteBuffer {
    var buffer = ByteBuffer(repeating: 0xEE, count: headroom)
    buffer.writeString(text)
    buffer.moveReaderIndex(to: headroom)
    return buffer
  }

  private func base(_ buffer: ByteBuffer) -> UnsafeRawPointer? {
    buffer.withUnsafeReadableBytes { $0.baseAddress }
  }

  @Test("a payload without a permission is not sent and remains unchanged")
  func noPermission() {
    let testbed = Bed()
    var buffer = payload("hello", headroom: 4)
    let before = buffer
    #expect({ testbed.client.frame(&buffer, to: Bed.peer, now: testbed.clock.now) }() == false)
    testbed.allocate()
    #expect({ testbed.client.frame(&buffer, to: Bed.peer, now: testbed.clock.now) }() == false)
    #expect(buffer == before && buffer.readerIndex == 4)
  }

  @Test("a permitted payload is sent as a Send indication and leaves from the relayed address")
  func sendIndication() {
    let testbed = Bed.allocated()
    testbed.permit()
    #expect(testbed.send("hello"))
    #expect(testbed.delivered.map(\.payload) == [ByteBuffer(string: "hello")])
    #expect(testbed.delivered.first?.source == testbed.client.relayedAddress)
    #expect(testbed.delivered.first?.destination == Bed.peer)
    #expect(testbed.server.channelDataReceived == 0)
  }

  @Test("a permission is valid for an IP address and any port")
  func anyPort() {
    let testbed = Bed.allocated()
    testbed.permit()
    let sibling = stunAddress("192.0.2.200", 9)
    #expect(testbed.client.isPermitted(sibling))
    #expect(testbed.send("hello", to: sibling))
    testbed.peerSends("back", from: sibling)
    #expect(testbed.received.map(\.peer) == [sibling])
    #expect(!testbed.client.isPermitted(Bed.otherPeer))
  }

  @Test("a payload over a channel is sent as ChannelData with four more bytes and no padding")
  func channelData() {
    let testbed = Bed.allocated()
    testbed.bindChannel(Bed.otherPeer)
    testbed.bindChannel()
    for (index, text) in ["", "a", "ab", "abc", "abcd"].enumerated() {
      var buffer = payload(text, headroom: 4)
      #expect({ testbed.client.frame(&buffer, to: Bed.peer, now: testbed.clock.now) }())
      #expect(buffer.readableBytes == 4 + index)
      #expect(buffer.readInteger(as: UInt16.self) == 0x4001)
      #expect(buffer.readInteger(as: UInt16.self) == UInt16(index))
      #expect(String(buffer: buffer) == text)
    }
    #expect(testbed.send("hello"))
    #expect(testbed.server.channelDataReceived == 1)
    #expect(testbed.delivered.map(\.destination) == [Bed.peer])
  }

  @Test("ChannelData over a stream is padded to four bytes, which its length does not include", arguments: 0...8)
  func paddedChannelData(length: Int) {
    let testbed = TURNTestbed(relayProtocol: .tcp)
    testbed.allocate()
    testbed.bindChannel()
    let text = String(repeating: "x", count: length)
    var buffer = payload(text, headroom: 4)
    #expect({ testbed.client.frame(&buffer, to: Bed.peer, now: testbed.clock.now) }())
    #expect(buffer.readableBytes == 4 + (length + 3) / 4 * 4)
    #expect(buffer.readInteger(as: UInt16.self) == 0x4000)
    #expect(buffer.readInteger(as: UInt16.self) == UInt16(length))
    #expect(buffer.readString(length: length) == text)
    #expect(buffer.readableBytesView.allSatisfy { $0 == 0 })
  }

  @Test("the ChannelData header is written in place, so that the payload is neither moved nor copied")
  func headerInPlace() {
    let testbed = Bed.allocated()
    testbed.bindChannel()
    for headroom in [4, 5, 64] {
      var buffer = payload("hello", headroom: headroom)
      let before = base(buffer)
      #expect({ testbed.client.frame(&buffer, to: Bed.peer, now: testbed.clock.now) }())
      #expect(base(buffer).map { $0 + 4 } == before)
      #expect(buffer.readerIndex == headroom - 4)
    }
  }

  @Test("a payload without room for the header is copied and framed correctly")
  func noHeadroom() {
    let testbed = Bed.allocated()
    testbed.bindChannel()
    for headroom in 0..<4 {
      var buffer = payload("hello", headroom: headroom)
      #expect({ testbed.client.frame(&buffer, to: Bed.peer, now: testbed.clock.now) }())
      #expect(buffer == payload("\u{40}\u{0}\u{0}\u{5}hello", headroom: 0))
    }
  }

  @Test("a payload that does not fit into a message is not sent")
  func tooLong() {
    let testbed = Bed.allocated()
    testbed.permit()
    var buffer = ByteBuffer(repeating: 0, count: 65_001)
    #expect({ testbed.client.frame(&buffer, to: Bed.peer, now: testbed.clock.now) }() == false)
    testbed.bindChannel()
    buffer = ByteBuffer(repeating: 0, count: 65_536)
    #expect({ testbed.client.frame(&buffer, to: Bed.peer, now: testbed.clock.now) }() == false)
  }

  @Test("data of a peer is received as an indication or over a channel, with its address")
  func incoming() {
    let testbed = Bed.allocated()
    testbed.permit()
    testbed.peerSends("one")
    testbed.bindChannel()
    testbed.peerSends("two")
    #expect(testbed.received.map { String(buffer: $0.payload) } == ["one", "two"])
    #expect(testbed.received.map(\.peer) == [Bed.peer, Bed.peer])
  }

  @Test("the payload of ChannelData is passed on without a copy")
  func incomingInPlace() {
    let testbed = Bed.allocated()
    testbed.bindChannel()
    let datagram = ByteBuffer(bytes: [0x40, 0, 0, 3, 1, 2, 3])
    guard case .relayed(let payload, Bed.peer) = testbed.receive(datagram) else {
      Issue.record("not relayed")
      return
    }
    #expect(base(payload) == base(datagram).map { $0 + 4 })
    #expect(payload == ByteBuffer(bytes: [1, 2, 3]))
  }

  @Test("padding after ChannelData is not passed on")
  func padded() {
    let testbed = Bed.allocated()
    testbed.bindChannel()
    _ = testbed.receive(ByteBuffer(bytes: [0x40, 0, 0, 1, 9, 0, 0, 0]))
    #expect(testbed.received.map(\.payload) == [ByteBuffer(bytes: [9])])
  }

  @Test("data may arrive before the response to its ChannelBind")
  func overtaking() {
    let testbed = Bed.allocated()
    testbed.client.bindChannel(to: Bed.peer, now: testbed.clock.now)
    _ = testbed.receive(ByteBuffer(bytes: [0x40, 0, 0, 1, 9]))
    #expect(testbed.received.count == 1)
    #expect(!testbed.client.hasChannel(Bed.peer))
  }

  @Test("data over a channel that the server refused is dropped")
  func refusedChannel() {
    let testbed = TURNTestbed.allocated()
    testbed.server.configuration.errors[.channelBind] = [STUNErrorCode(508)]
    testbed.bindChannel()
    _ = testbed.receive(ByteBuffer(bytes: [0x40, 0, 0, 1, 9]))
    #expect(testbed.received.isEmpty)
    #expect(testbed.client.statistics.datagramsDropped == 1)
  }

  @Test(
    "truncated ChannelData and that of an unknown channel is dropped and counted",
    arguments: [
      [0x40], [0x40, 0, 0], [0x40, 0, 0, 1], [0x40, 1, 0, 0], [0x4F, 0xFF, 0, 0], [0x40, 0, 0xFF, 0xFF, 1],
    ])
  func brokenChannelData(bytes: [UInt8]) {
    let testbed = Bed.allocated()
    testbed.bindChannel()
    let outcome = testbed.receive(ByteBuffer(bytes: bytes))
    #expect({ if case .consumed = outcome { true } else { false } }())
    #expect(testbed.client.statistics.datagramsDropped == 1)
  }

  @Test("Data indications of strangers, or without peer or data, are dropped and counted")
  func brokenIndications() {
    let testbed = Bed.allocated()
    testbed.permit()
    let data = STUNAttribute.data(ByteBuffer(string: "x"))
    for attributes in [[data], [.xorPeerAddress(Bed.peer)], [.xorPeerAddress(Bed.otherPeer), data]] {
      let indication = STUNMessage(
        .indication, .data, transactionID: TransactionID(high: 1, low: 2), attributes: attributes)
      let outcome = testbed.receive(indication.encoded())
      #expect({ if case .consumed = outcome { true } else { false } }())
    }
    #expect(testbed.client.statistics.datagramsDropped == 3)
    #expect(testbed.received.isEmpty)
  }

  @Test("datagrams that are not from the server or not TURN are left to others")
  func notMine() {
    let testbed = Bed.allocated()
    testbed.bindChannel()
    let binding = STUNMessage(.request, .binding, transactionID: TransactionID(high: 1, low: 2))
    let response = STUNMessage(.success, .binding, transactionID: TransactionID(high: 1, low: 2))
    let outcomes = [
      testbed.receive(ByteBuffer(bytes: [0x40, 0, 0, 1, 9]), from: Bed.peer),
      testbed.receive(binding.encoded()), testbed.receive(response.encoded()), testbed.receive(ByteBuffer()),
      testbed.receive(ByteBuffer(bytes: [0x80, 0, 0, 0])), testbed.receive(ByteBuffer(bytes: [22, 254, 253])),
    ]
    for outcome in outcomes {
      #expect({ if case .notMine = outcome { true } else { false } }())
    }
  }

  @Test("a payload is not framed after its permission has expired, even without a timeout")
  func lapsed() {
    let testbed = Bed.allocated()
    testbed.permit()
    testbed.bindChannel(Bed.otherPeer)
    testbed.clock.advance(by: .seconds(300))
    var buffer = payload("x", headroom: 4)
    #expect({ testbed.client.frame(&buffer, to: Bed.peer, now: testbed.clock.now) }() == false)
    #expect({ testbed.client.frame(&buffer, to: Bed.otherPeer, now: testbed.clock.now) }() == false)
  }
}
