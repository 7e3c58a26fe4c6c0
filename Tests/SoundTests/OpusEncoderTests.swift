import NIOCore
import Sound
import TestSupport
import Testing

@Suite struct OpusEncoderTests {
  @Test(
    "a tone comes out of the decoder with its frequency and level",
    arguments: [(OpusEncoder.Content.voice, 32_000, 20.0), (.music, 64_000, 30.0)])
  func tone(content: OpusEncoder.Content, bitrate: Int, least: Double) throws {
    var encoder = try OpusEncoder(.init(channels: 1, bitrate: bitrate, content: content))
    let packets = try Signal.encode(Signal.tone([440], blocks: 50), with: &encoder)
    let decoded = try Signal.decode(packets, channels: 1)
    // The first blocks have the encoder's look-ahead and find its state empty.
    let fit = SineFit(decoded.dropFirst(10 * SoundBlock.samples), frequency: 440)
    #expect(abs(fit.amplitude - 0.5) < 0.025, "\(fit)")
    #expect(fit.signalToNoise > least, "\(fit)")
  }

  @Test("the channels of stereo are kept apart")
  func stereo() throws {
    var encoder = try OpusEncoder(.init(channels: 2, bitrate: 128_000, content: .music))
    let packets = try Signal.encode(Signal.tone([440, 1_000], blocks: 50), with: &encoder)
    let decoded = Array(try Signal.decode(packets, channels: 2).dropFirst(20 * SoundBlock.samples))
    for (channel, (own, other)) in [(440.0, 1_000.0), (1_000, 440)].enumerated() {
      let samples = Signal.channel(channel, of: 2, in: decoded)
      #expect(abs(SineFit(samples, frequency: own).amplitude - 0.5) < 0.025)
      #expect(SineFit(samples, frequency: other).amplitude < 0.01)
    }
  }

  @Test("mono is one channel in the packet, and stereo is two")
  func channelsOfPackets() throws {
    for channels in 1...2 {
      var encoder = try OpusEncoder(.init(channels: channels, bitrate: 64_000, content: .music))
      let frequencies = Array([440.0, 1_000].prefix(channels))
      let packets = try Signal.encode(Signal.tone(frequencies, blocks: 20), with: &encoder)
      // The bit `s` of the TOC byte, and its frame count code: one frame (RFC 6716 section 3.1).
      #expect(packets.last.map { $0.readableBytesView[0] & 0b111 } == (channels == 2 ? 0b100 : 0))
    }
  }

  @Test("the bitrate is kept, and changed while running", arguments: [OpusEncoder.Content.voice, .music])
  func bitrate(content: OpusEncoder.Content) throws {
    var encoder = try OpusEncoder(.init(channels: 1, bitrate: 64_000, content: content))
    for bitrate in [64_000, 20_000, 32_000] {
      encoder.setBitrate(bitrate)
      let packets = try Signal.encode(Signal.voice(blocks: 250), with: &encoder)
      let sent = packets.reduce(0) { $0 + $1.readableBytes } * 8 * 50 / packets.count
      #expect(sent < bitrate * 11 / 10, "\(sent) of \(bitrate)")
      #expect(sent > bitrate * 7 / 10, "\(sent) of \(bitrate)")
    }
  }

  @Test("bitrates that Opus does not have are replaced by the nearest")
  func impossibleBitrates() throws {
    var encoder = try OpusEncoder(.init(channels: 1, bitrate: 1, content: .voice))
    #expect(encoder.configuration.bitrate == 6_000)
    encoder.setBitrate(.max)
    #expect(encoder.configuration.bitrate == 510_000)
    encoder.setComplexity(11)
    encoder.setPacketLoss(-1)
    encoder.setPacketLoss(2)
    let packets = try Signal.encode(Signal.tone([440], blocks: 2), with: &encoder)
    #expect(packets.allSatisfy { $0.readableBytes <= 1_276 })
  }

  @Test("music is coded as music whatever is lost")
  func lossOfMusic() throws {
    var encoder = try OpusEncoder(.init(channels: 2, bitrate: 64_000, content: .music))
    encoder.setPacketLoss(0.25)
    let packets = try Signal.encode(Signal.tone([440, 1_000], blocks: 50), with: &encoder)
    // The configurations from 16 on are CELT's alone (RFC 6716 section 3.1).
    #expect(packets.dropFirst(5).allSatisfy { $0.readableBytesView[0] >> 3 >= 16 })
  }

  @Test("silence is sent as well")
  func silence() throws {
    var encoder = try OpusEncoder(.init(channels: 1, bitrate: 32_000, content: .voice))
    let packets = try Signal.encode([Float](repeating: 0, count: 100 * SoundBlock.samples), with: &encoder)
    // A packet of up to two bytes is one that need not be sent (DTX).
    #expect(packets.allSatisfy { $0.readableBytes > 2 })
  }

  @Test("samples out of range and no numbers do not spoil what follows")
  func impossibleSamples() throws {
    var encoder = try OpusEncoder(.init(channels: 1, bitrate: 64_000, content: .music))
    let broken: [Float] = [.nan, .infinity, -.infinity, .greatestFiniteMagnitude, 1_000, -1_000]
    var samples = (0..<6 * SoundBlock.samples).map { broken[$0 / SoundBlock.samples] }
    samples += Signal.tone([440], blocks: 50)
    let decoded = try Signal.decode(try Signal.encode(samples, with: &encoder), channels: 1)
    let fit = SineFit(decoded.dropFirst(26 * SoundBlock.samples), frequency: 440)
    #expect(abs(fit.amplitude - 0.5) < 0.025, "\(fit)")
  }

  @Test("there is no encoder for three channels")
  func channels() {
    #expect(throws: SoundError.codecUnavailable("invalid argument")) {
      _ = try OpusEncoder(.init(channels: 3, bitrate: 64_000, content: .music))
    }
  }
}
