import NIOCore
import Sound
import TestSupport
import Testing

@Suite struct OpusDecoderTests {
  private enum Reaction {
    case silence, concealment, recovery
  }

  /// The mean square of the difference to what would have been heard without loss, in the places of lost packets.
  private static func error(losing lost: (Int) -> Bool, _ reaction: Reaction) throws -> Double {
    var encoder = try OpusEncoder(.init(channels: 1, bitrate: 32_000, content: .voice))
    encoder.setPacketLoss(0.2)
    let packets = try Signal.encode(Signal.voice(blocks: 200), with: &encoder)
    let whole = try Signal.decode(packets, channels: 1)
    var decoder = try OpusDecoder(channels: 1)
    var error = 0.0
    for (index, packet) in packets.enumerated() {
      let heard = try Signal.filled(channels: 1) { samples in
        switch (lost(index), reaction) {
        case (false, _): _ = try decoder.decode(packet, into: samples)
        case (true, .silence):
          decoder.conceal(into: samples)
          samples.update(repeating: 0)
        case (true, .concealment): decoder.conceal(into: samples)
        case (true, .recovery): try decoder.recover(from: packets[index + 1], into: samples)
        }
      }
      #expect(heard.allSatisfy { $0.isFinite })
      guard lost(index) else { continue }
      for (one, other) in zip(heard, whole[(index * SoundBlock.samples)...]) {
        error += Double((one - other) * (one - other))
      }
    }
    return error
  }

  @Test("a lost packet is concealed, and better with what the next one tells of it")
  func losses() throws {
    let isLost = { $0 % 7 == 5 }
    let silence = try Self.error(losing: isLost, .silence)
    let concealed = try Self.error(losing: isLost, .concealment)
    let recovered = try Self.error(losing: isLost, .recovery)
    #expect(concealed < silence / 2, "\(concealed) of \(silence)")
    #expect(recovered < concealed / 2, "\(recovered) of \(concealed)")
  }

  @Test("losses in sequence of any length fade", arguments: [OpusEncoder.Content.voice, .music])
  func longLoss(content: OpusEncoder.Content) throws {
    var encoder = try OpusEncoder(.init(channels: 1, bitrate: 32_000, content: content))
    var decoder = try OpusDecoder(channels: 1)
    // A voice and its pauses, since the decoder fades to the background that it has heard.
    for packet in try Signal.encode(Signal.voice(blocks: 200), with: &encoder) {
      _ = try Signal.filled(channels: 1) { _ = try decoder.decode(packet, into: $0) }
    }
    var last: [Float] = []
    for length in [120, 240, 960, 2_880, 5_760, 48_000] {
      last = Signal.filled(length, channels: 1) { decoder.conceal(into: $0) }
      #expect(last.allSatisfy { $0.isFinite })
    }
    let loudest = last.suffix(4_800).reduce(0) { max($0, abs($1)) }
    #expect(loudest < 0.05)
  }

  @Test("random bytes never crash the decoder, and what it then hears is sound again", arguments: 1...2)
  func randomBytes(channels: Int) throws {
    var random = SeededGenerator(seed: 42)
    var decoder = try OpusDecoder(channels: channels)
    var (decoded, refused) = (0, 0)
    for _ in 0..<5_000 {
      let count =
        Bool.random(using: &random) ? Int.random(in: 0..<32, using: &random) : .random(in: 0..<1_600, using: &random)
      let packet = ByteBuffer(bytes: (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
      let recovers = Int.random(in: 0..<4, using: &random) == 0
      do throws(SoundError) {
        var values = [Float](repeating: 0, count: OpusDecoder.mostSamples * channels)
        let samples = try Self.decode(packet, &decoder, into: &values, recovers: recovers)
        #expect((1...OpusDecoder.mostSamples).contains(samples))
        decoded += 1
      } catch {
        guard case .invalidPacket = error else {
          Issue.record(error)
          return
        }
        refused += 1
      }
    }
    #expect(decoded > 500)
    #expect(refused > 500)
    var encoder = try OpusEncoder(.init(channels: channels, bitrate: 64_000, content: .music))
    var heard: [Float] = []
    let tone = Signal.tone([Double](repeating: 440, count: channels), blocks: 50)
    for packet in try Signal.encode(tone, with: &encoder) {
      heard += try Signal.filled(channels: channels) { _ = try decoder.decode(packet, into: $0) }
    }
    let channel = Signal.channel(0, of: channels, in: heard).dropFirst(20 * SoundBlock.samples)
    #expect(SineFit(channel, frequency: 440).signalToNoise > 20)
  }

  private static func decode(
    _ packet: ByteBuffer, _ decoder: inout OpusDecoder, into values: inout [Float], recovers: Bool
  ) throws(SoundError) -> Int {
    try values.withUnsafeMutableBufferPointer { (samples) throws(SoundError) in
      guard recovers else { return try decoder.decode(packet, into: samples) }
      try decoder.recover(from: packet, into: samples)
      return OpusDecoder.mostSamples
    }
  }

  @Test("an empty packet is none, and one longer than the room for it is refused")
  func refused() throws {
    var decoder = try OpusDecoder(channels: 1)
    #expect(throws: SoundError.invalidPacket("corrupted stream")) {
      _ = try Signal.filled(channels: 1) { _ = try decoder.decode(ByteBuffer(), into: $0) }
    }
    var encoder = try OpusEncoder(.init(channels: 1, bitrate: 32_000, content: .voice))
    let packet = try #require(try Signal.encode(Signal.tone([440], blocks: 1), with: &encoder).first)
    #expect(throws: SoundError.invalidPacket("buffer too small")) {
      _ = try Signal.filled(480, channels: 1) { _ = try decoder.decode(packet, into: $0) }
    }
  }
}
