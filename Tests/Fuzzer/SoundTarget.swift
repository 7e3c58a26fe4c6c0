import NIOCore
import RTP

@testable import Sound

extension FuzzTarget {
  /// The packets of those who speak, as they were decrypted, and what is heard of them. The first octet says how many
  /// milliseconds are between a block and the next; a step is a packet, or a number of blocks.
  static let sound = FuzzTarget("sound", seeds: seeds) { bytes in
    var input = FuzzInput(bytes)
    var scene = SoundScene(&input)
    while !input.isAtEnd { scene.act(&input) }
    scene.end()
  }

  /// Speech, music and silence: in order, with gaps, twice, and in an order of its own.
  private static func seeds() -> [[UInt8]] {
    var seeds: [[UInt8]] = []
    for (channels, content) in [(1, OpusEncoder.Content.voice), (2, .music)] {
      let packets = opus(channels: channels, content)
      let orders: [[Int]] = [
        Array(packets.indices), packets.indices.filter { $0 % 3 != 1 }, packets.indices.flatMap { [$0, $0] },
        packets.indices.map { $0 ^ 1 },
      ]
      for order in orders { seeds.append(input(order.map { (packets[$0], $0) }, interval: 20, samples: 960)) }
    }
    // Packets of the shortest frames, and one with several (RFC 6716 section 3.2.5).
    seeds.append(input((0..<40).map { ([0xE0, 1, 2], $0) }, interval: 2, samples: 120))
    seeds.append(input([([0x03, 0x46, 1, 2, 3, 4, 5, 6, 7], 0)], interval: 20, samples: 960))
    return seeds
  }

  /// A block is played after each packet.
  private static func input(_ packets: [(payload: [UInt8], number: Int)], interval: UInt8, samples: Int) -> [UInt8] {
    var bytes = [interval]
    for (payload, number) in packets {
      bytes += SoundScene.step(payload, number: UInt16(number), timestamp: UInt32(number * samples))
      bytes.append(1)
    }
    return bytes
  }

  private static func opus(channels: Int, _ content: OpusEncoder.Content) -> [[UInt8]] {
    guard var encoder = try? OpusEncoder(.init(channels: channels, bitrate: 16_000, content: content)) else {
      return []
    }
    encoder.setPacketLoss(0.2)
    return (0..<6).map { block in
      let samples = (0..<SoundBlock.samples * channels).map { index in
        // A triangle of 200 Hz, which then is silent.
        block > 3 ? 0 : Float(abs((index / channels) % 240 - 120)) / 240 - 0.25
      }
      return samples.withUnsafeBufferPointer { (try? encoder.encode($0))?.octets ?? [] }
    }
  }
}

private struct SoundScene: ~Copyable {
  private let mixer = Mixer(hasChime: false)
  private let block = UnsafeMutableBufferPointer<Float>.allocate(capacity: SoundBlock.samples)
  private let interval: TimeAmount
  private var streams = [InboundRTPStream](repeating: InboundRTPStream(clockRate: SoundBlock.sampleRate), count: 2)
  private var now = NIODeadline.fuzzStart

  private static let packet: UInt8 = 0x80
  private static let otherSpeaker: UInt8 = 1
  private static let otherSource: UInt8 = 2

  init(_ input: inout FuzzInput) {
    interval = .milliseconds(Int64(input.integer(UInt8.self)))
  }

  deinit {
    block.deallocate()
  }

  /// As an input has a packet.
  static func step(_ payload: [UInt8], number: UInt16, timestamp: UInt32) -> [UInt8] {
    var header = ByteBuffer()
    header.writeMultipleIntegers(packet, number, timestamp, UInt8(clamping: payload.count))
    return header.octets + payload
  }

  mutating func act(_ input: inout FuzzInput) {
    let kind = input.integer(UInt8.self)
    guard kind & Self.packet != 0 else {
      for _ in 0..<kind { render() }
      return
    }
    let speaker = kind & Self.otherSpeaker == 0 ? 0 : 1
    let header = RTPHeader(
      marker: false, payloadType: 111, sequenceNumber: input.integer(), timestamp: input.integer(),
      ssrc: kind & Self.otherSource == 0 ? 1 : 2)
    if let packet = streams[speaker].receive(header, input.chunk(), now: now) {
      mixer.receive(
        ReceivedSound(
          generation: packet.generation, sequenceNumber: packet.sequenceNumber, timestamp: packet.timestamp,
          data: packet.payload, arrivalTime: packet.arrivalTime), from: speaker)
    }
    let statistics = streams[speaker].statistics
    require(statistics.mostPacketsLost >= statistics.packetsLost && statistics.jitter >= 0, "\(statistics)")
    if kind & 4 != 0 { _ = streams[speaker].reportBlock(now: now) }
    if kind & 8 != 0 { mixer.remove(speaker) }
  }

  /// Whoever has stopped is silent soon.
  mutating func end() {
    for _ in 0..<10_000 where !isHeard() { return }
    fatalError("it is heard for ever")
  }

  private mutating func isHeard() -> Bool {
    now = now + SoundBlock.duration
    return mixer.render(into: block, now: now)
  }

  private mutating func render() {
    now = now + interval
    _ = mixer.render(into: block, now: now)
    require(block.allSatisfy { $0.isFinite && abs($0) <= 1 }, "louder than loud")
    for speaker in 0...1 {
      guard let counters = mixer.counters(of: speaker) else { continue }
      require(counters.concealedSamples <= counters.totalSamplesReceived, "\(counters)")
      require((0...1).contains(counters.audioLevel) && counters.packetsDiscarded >= 0, "\(counters)")
    }
  }
}
