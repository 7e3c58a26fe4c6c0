import NIOCore
import Sound
import Synchronization
import TestSupport
import Testing

@testable import Capture
@testable import Studio

@Suite("The sound of a microphone")
struct MicrophonePumpTests {
  private let microphone = MadeUpMicrophone()
  private let control = SoundControl()

  @Test("a microphone that another program has is asked for again until it is free, and that is told once")
  func busy() throws {
    var attempts = 0
    var troubles: [MicrophoneError?] = []
    var count = 0
    let pump = MicrophonePump(until: control, onTrouble: { troubles.append($0) }) {
      [microphone] () throws(MicrophoneError) in
      attempts += 1
      guard attempts > 2 else { throw .busy(card: "Mic", holder: "arecord") }
      return try microphone.open(nil)
    }
    pump.run { _, _ in
      count += 1
      if count == 5 { control.stop() }
    }
    #expect(attempts == 3)
    #expect(troubles == [.busy(card: "Mic", holder: "arecord"), nil])
  }

  @Test("one that is unplugged gives silence until it is back, which is told once each")
  func unplugged() throws {
    var troubles: [MicrophoneError?] = []
    var times: [NIODeadline] = []
    let pump = MicrophonePump(until: control, onTrouble: { troubles.append($0) }) {
      [microphone] () throws(MicrophoneError) in try microphone.open(nil)
    }
    pump.run { sound, _ in
      times.append(sound.captureTime)
      switch times.count {
      case 20: microphone.unplug()
      case 60: microphone.replug()
      case 300: control.stop()
      default: break
      }
    }
    #expect(troubles.count == 2 && troubles.last == .some(nil))
    if case .lost? = troubles.first ?? nil {} else { Issue.record("\(troubles)") }
    // The times go on meanwhile, so that nothing waits for what never came.
    #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 < .milliseconds(150) })
    #expect(microphone.names.count == 1)
  }

  @Test("it is closed while nobody listens, opened again when somebody does, and its faults are counted on")
  func unheard() async throws {
    let control = SoundControl(isListening: false)
    let (sounds, continuation) = AsyncStream.makeStream(of: SoundCounters.self)
    let (ends, ended) = AsyncStream.makeStream(of: Void.self)
    let thread = SoundThread(
      MicrophonePump(until: control, onTrouble: { _ in }) { [microphone] () throws(MicrophoneError) in
        try microphone.open(nil)
      })
    let count = Mutex(0)
    thread.deliver = { [microphone] _, counters in
      continuation.yield(counters)
      let number = count.withLock { count in
        count += 1
        return count
      }
      if number == 3 { microphone.overrun() }
      if number == 10 { control.setListening(false) }
      if number == 20 { control.stop() }
    }
    thread.ended = { ended.yield() }
    thread.start()
    #expect(microphone.names.isEmpty)
    control.setListening(true)
    while count.withLock({ $0 }) < 10 || microphone.openCount > 0 { await Task.yield() }
    #expect(count.withLock { $0 } == 10)
    control.setListening(true)
    _ = await ends.first { true }
    #expect(microphone.names.count == 2)
    continuation.finish()
    var last = SoundCounters()
    for await counters in sounds { last = counters }
    #expect(last.microphone.overruns == 1)
    #expect(abs(last.totalSamplesDuration - 0.4) < 0.03)
  }

  @Test("what was learnt of the clocks of microphone and loudspeaker is kept when the microphone is closed")
  func skew() {
    let echo = EchoPath()
    let microphone = MadeUpMicrophone(echo: echo, drift: 300)
    let pump = MicrophonePump(without: echo, until: control, onTrouble: { _ in }) {
      () throws(MicrophoneError) in try microphone.open(nil)
    }
    var count = 0
    pump.run { _, _ in
      count += 1
      if count == 1_000 { control.stop() }
    }
    #expect(microphone.openCount == 0)
    // The fast one is behind less and less.
    #expect(abs(pump.skew.rate + 300e-6) < 30e-6, "\(pump.skew.rate)")
  }

  @Test("sound that cannot be encoded is told once, and tried again until it can be")
  func unencodable() throws {
    var attempts = 0
    var troubles: [MicrophoneError?] = []
    let card = try MicrophoneStandIn()
    let clock = MicrophoneClock(
      now: { .uptimeNanoseconds(card.now) }, sleep: { card.sleep(until: $0.uptimeNanoseconds) })
    let pump = MicrophonePump(
      until: control,
      makeEncoder: { configuration throws(SoundError) in
        attempts += 1
        guard attempts > 2 else { throw .codecUnavailable("no memory") }
        return try SoundEncoder(configuration)
      }, onTrouble: { troubles.append($0) },
      open: { () throws(MicrophoneError) in try MicrophoneSource(card.id, in: SoundDirectory(), clock) })
    var count = 0
    pump.run { [control] _, _ in
      count += 1
      if count == 5 { control.stop() }
    }
    #expect(attempts == 3)
    guard troubles.count == 2, case .failed(_, let reason)? = troubles[0] else {
      Issue.record("\(troubles)")
      return
    }
    #expect(reason.contains("no memory") && troubles[1] == nil)
  }

  @Test("what was told before is not told again, but that it is over")
  func toldBefore() throws {
    let trouble = MicrophoneError.busy(card: "Mic", holder: "arecord")
    for isFree in [false, true] {
      var troubles: [MicrophoneError?] = []
      let control = SoundControl()
      var attempts = 0
      let pump = MicrophonePump(until: control, after: trouble, onTrouble: { troubles.append($0) }) {
        [microphone] () throws(MicrophoneError) in
        attempts += 1
        if isFree { return try microphone.open(nil) }
        if attempts == 2 { control.stop() }
        throw trouble
      }
      pump.run { _, _ in control.stop() }
      #expect(troubles == (isFree ? [nil] : []))
    }
  }

  @Test("a microphone that never comes is no reason not to stop")
  func stopped() {
    var attempts = 0
    let pump = MicrophonePump(until: control, onTrouble: { _ in }) { [control] () throws(MicrophoneError) in
      attempts += 1
      control.stop()
      throw .noMicrophone
    }
    pump.run { _, _ in }
    #expect(attempts == 1)
  }

  @Test("what the worst viewer loses is made up for, within bounds, and nothing if that is next to nothing")
  func loss() {
    #expect(control.packetLoss == 0.06)
    let cases = [
      (0.08, 0.08), (0.9, 0.1), (.infinity, 0.1), (0.05, 0.06), (0.01, 0.06), (0.009, 0), (0, 0), (-1, 0), (.nan, 0),
    ]
    for (share, expected) in cases {
      control.setPacketLoss(share)
      #expect(control.packetLoss == expected, "\(share)")
    }
  }

  @Test("a slow path lowers the bitrate, within bounds, and one that nobody knows does not")
  func bitrateOfPath() {
    #expect(control.bitrate(atMost: 64_000) == 64_000)
    for (rate, expected) in [(300_000, 64_000), (120_000, 40_000), (60_000, 24_000), (0, 24_000), (nil, 64_000)] {
      control.setPathRate(rate)
      #expect(control.bitrate(atMost: 64_000) == expected)
    }
    control.setPathRate(10_000)
    #expect(control.bitrate(atMost: 16_000) == 16_000)
  }

  @Test("less is sent on a slow path, and more when it is faster again")
  func slowPath() {
    let rates = [300_000, 50_000, 300_000].map { $0 as Int? }
    let bytes = record(overPathsOf: rates).map { $0.reduce(0) { $0 + $1.readableBytes } }
    #expect(Double(bytes[1]) < 0.85 * Double(bytes[0]), "\(bytes)")
    #expect(Double(bytes[1]) < 0.85 * Double(bytes[2]), "\(bytes)")
  }

  /// The packets of two seconds.
  private func record(atLoss loss: Double? = nil) -> [ByteBuffer] {
    record(atLoss: loss, overPathsOf: [nil])[0]
  }

  /// The packets of two seconds over a path of each rate in turn.
  private func record(atLoss loss: Double? = nil, overPathsOf rates: [Int?]) -> [[ByteBuffer]] {
    let control = SoundControl()
    if let loss { control.setPacketLoss(loss) }
    control.setPathRate(rates[0])
    var packets: [ByteBuffer] = []
    let pump = MicrophonePump(until: control, onTrouble: { _ in }) {
      [microphone] () throws(MicrophoneError) in try microphone.open(nil)
    }
    pump.run { sound, _ in
      packets.append(sound.data)
      guard packets.count.isMultiple(of: 100) else { return }
      if packets.count == 100 * rates.count { return control.stop() }
      control.setPathRate(rates[packets.count / 100])
    }
    return rates.indices.map { Array(packets[(100 * $0)..<(100 * $0 + 100)]) }
  }

  /// How much more the samples of lost packets differ from those that were sent if they are concealed than if they are
  /// recovered from the packets that follow.
  private static func benefitOfFEC(_ packets: [ByteBuffer]) throws -> Float {
    func decode(_ react: (Int, inout OpusDecoder, UnsafeMutableBufferPointer<Float>) throws -> Bool) throws -> [[Float]]
    {
      var decoder = try OpusDecoder(channels: 1)
      return try packets.indices.map { index in
        var samples = [Float](repeating: 0, count: SoundBlock.samples)
        try samples.withUnsafeMutableBufferPointer { samples in
          if try !react(index, &decoder, samples) { _ = try decoder.decode(packets[index], into: samples) }
        }
        return samples
      }
    }
    let isLost = { index in index % 10 == 5 }
    let whole = try decode { _, _, _ in false }
    let concealed = try decode { index, decoder, samples in
      if isLost(index) { decoder.conceal(into: samples) }
      return isLost(index)
    }
    let recovered = try decode { index, decoder, samples in
      if isLost(index) { try decoder.recover(from: packets[index + 1], into: samples) }
      return isLost(index)
    }
    func error(_ heard: [[Float]]) -> Float {
      packets.indices.filter(isLost).reduce(0) { sum, index in
        sum + zip(heard[index], whole[index]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      }
    }
    return error(concealed) / error(recovered)
  }

  @Test("a lost packet is recovered from the one that follows, before any report and if losses are reported")
  func recovery() throws {
    #expect(try Self.benefitOfFEC(record()) > 10)
    #expect(try Self.benefitOfFEC(record(atLoss: 0.05)) > 10)
    // The rest is the same.
    #expect(try Self.benefitOfFEC(record(atLoss: 0)) < 2)
  }

  @Test("what is sent depends on the reported losses")
  func lossIsHeard() {
    let sent = [0, 0.06, 0.25].map { record(atLoss: $0) }
    #expect(sent[0] != sent[1] && sent[1] != sent[2])
    #expect(record(atLoss: 0.06) == sent[1])
  }

  @Test("the bitrate is the one that is asked for, and the level, the faults and the drift are counted")
  func counters() throws {
    func record(_ control: SoundControl, atLoss loss: Double, bitrate: Int) -> (bytes: Int, counters: SoundCounters) {
      control.setPacketLoss(loss)
      var (count, bytes, last) = (0, 0, SoundCounters())
      let pump = MicrophonePump(bitrate: bitrate, until: control, onTrouble: { _ in }) {
        [microphone] () throws(MicrophoneError) in try microphone.open(nil)
      }
      pump.run { sound, counters in
        count += 1
        (bytes, last) = (bytes + sound.data.readableBytes, counters)
        if count == 100 { control.stop() }
      }
      return (bytes, last)
    }
    let (high, low) = (
      record(SoundControl(), atLoss: 0.05, bitrate: 32_000), record(control, atLoss: 0, bitrate: 12_000)
    )
    // Two seconds.
    #expect((5_000...9_000).contains(high.bytes), "\(high.bytes)")
    #expect((2_000...4_000).contains(low.bytes), "\(low.bytes)")
    #expect(abs(high.counters.audioLevel - (0.15625 / 2).squareRoot()) < 0.01)
    #expect(abs(high.counters.totalSamplesDuration - 2) < 0.001)
    #expect(high.counters.microphone == MicrophoneCounters())
    #expect(abs(high.counters.drift) < 100)
  }

  @Test(
    "from a packet's first sample to its encoding it takes at most 31 ms, and 10 ms more beside a loudspeaker",
    arguments: [(false, 31), (true, 41)])
  func latency(hasLoudspeaker: Bool, most: Int64) {
    let echo = hasLoudspeaker ? EchoPath() : nil
    let microphone = MadeUpMicrophone(echo: echo)
    var latencies: [TimeAmount] = []
    let pump = MicrophonePump(without: echo, until: control, onTrouble: { _ in }) {
      () throws(MicrophoneError) in try microphone.open(nil)
    }
    pump.run { sound, _ in
      latencies.append(microphone.now - sound.captureTime)
      if latencies.count == 1_000 { control.stop() }
    }
    // A packet is 20 ms, and waits for the end of the card's period, which is 10 ms.
    #expect(latencies.sorted()[950] <= .milliseconds(most), "\(latencies.sorted()[950])")
    #expect(latencies.allSatisfy { $0 >= .milliseconds(20) })
  }
}
