import ICE
import NIOCore
import TestSupport
import Testing

@Suite("TURN over a byte stream")
struct TURNStreamDecoderTests {
  private let request = STUNMessage(.request, .binding, transactionID: TransactionID(high: 1, low: 2)).encoded()
  /// Of 5 bytes, padded to 12.
  private let channelData = ByteBuffer(bytes: [0x40, 0, 0, 5, 1, 2, 3, 4, 5, 0xEE, 0xEE, 0xEE])

  private func decode(_ bytes: [ByteBuffer]) throws -> [ByteBuffer] {
    var decoder = TURNStreamDecoder()
    var messages: [ByteBuffer] = []
    for piece in bytes {
      decoder.append(piece)
      while let message = try decoder.next() { messages.append(message) }
    }
    return messages
  }

  @Test("the same messages are decoded without padding, however the stream is split", arguments: 1...40)
  func pieces(size: Int) throws {
    var stream = ByteBuffer()
    for part in [request, channelData, channelData, request, ByteBuffer(bytes: [0x4F, 0xFF, 0, 0]), request] {
      stream.writeImmutableBuffer(part)
    }
    var pieces: [ByteBuffer] = []
    while let piece = stream.readSlice(length: min(size, max(stream.readableBytes, 1))) { pieces.append(piece) }
    let data = ByteBuffer(bytes: [0x40, 0, 0, 5, 1, 2, 3, 4, 5])
    #expect(try decode(pieces) == [request, data, data, request, ByteBuffer(bytes: [0x4F, 0xFF, 0, 0]), request])
  }

  @Test("a message is complete only with its padding")
  func padding() throws {
    var whole = channelData
    let beginning = whole.readSlice(length: 11) ?? ByteBuffer()
    #expect(try decode([beginning]).isEmpty)
    #expect(try decode([beginning, whole]).count == 1)
  }

  @Test("the longest messages are decoded")
  func longest() throws {
    var data = ByteBuffer(bytes: [0x40, 1, 0xFF, 0xFF])
    data.writeRepeatingByte(7, count: 65_536)
    #expect(try decode([data]).map(\.readableBytes) == [65_539])
    var message = request
    message.setInteger(UInt16(65_532), at: 2)
    message.writeRepeatingByte(0, count: 65_532)
    #expect(try decode([message]).map(\.readableBytes) == [65_552])
  }

  @Test(
    "data that is neither STUN nor ChannelData ends the stream",
    arguments: [
      [22, 254, 253, 0], [128, 96, 0, 1], Array("SSH-2.0".utf8), [80, 0, 0, 0], [4, 0, 0, 0],
      [0, 1, 0, 0] + [UInt8](repeating: 9, count: 16),
      [0, 1, 0, 3, 0x21, 0x12, 0xA4, 0x42] + [UInt8](repeating: 0, count: 15),
    ] as [[UInt8]])
  func foreign(bytes: [UInt8]) {
    #expect(throws: TURNStreamError.unknownMessage) { try decode([request, ByteBuffer(bytes: bytes)]) }
  }

  @Test("random bytes end the stream or are incomplete, and never yield a message")
  func noise() {
    var generator = SeededGenerator(seed: 8656)
    for _ in 0..<1000 {
      let bytes = (0..<Int.random(in: 0...200, using: &generator)).map { _ in generator.next() as UInt8 }
      let messages = (try? decode([ByteBuffer(bytes: bytes)])) ?? []
      #expect(messages.allSatisfy { $0.readableBytes <= bytes.count })
    }
  }
}
