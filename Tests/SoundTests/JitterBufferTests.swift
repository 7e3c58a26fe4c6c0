import NIOCore
import TestSupport
import Testing

@testable import Sound

@Suite("Jitter buffer")
struct JitterBufferTests {
  private var buffer = JitterBuffer()

  private static func time(_ milliseconds: Int) -> NIODeadline {
    .uptimeNanoseconds(10_000_000_000) + .milliseconds(Int64(milliseconds))
  }

  private mutating func insert(_ number: Int, at milliseconds: Int, timestamp: Int? = nil, generation: Int = 1) {
    buffer.insert(
      ReceivedSound(
        generation: generation, sequenceNumber: number, timestamp: timestamp ?? number * 960,
        data: ByteBuffer(string: "\(number)"), arrivalTime: Self.time(milliseconds)))
  }

  private mutating func pop(at milliseconds: Int) -> JitterBuffer.Next {
    buffer.pop(after: 960, now: Self.time(milliseconds))
  }

  /// Since macros cannot evaluate what mutates.
  private func expect(
    _ expected: JitterBuffer.Next, _ value: JitterBuffer.Next, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(value == expected, sourceLocation: sourceLocation)
  }

  private static func packet(_ number: Int) -> JitterBuffer.Next { .packet(ByteBuffer(string: "\(number)")) }

  @Test("the first packet is held for 40 ms, and those after it come out in order")
  mutating func order() {
    insert(0, at: 0)
    expect(.none, pop(at: 20))
    insert(2, at: 40)
    expect(Self.packet(0), pop(at: 40))
    insert(1, at: 50)
    expect(Self.packet(1), pop(at: 60))
    expect(Self.packet(2), pop(at: 80))
    #expect(buffer.counters == JitterBuffer.Counters())
  }

  @Test("a lost packet is told of with the one after it, and what comes later than its turn is dropped")
  mutating func loss() {
    insert(0, at: 0)
    insert(2, at: 40)
    expect(Self.packet(0), pop(at: 40))
    expect(.lost(next: ByteBuffer(string: "2")), pop(at: 60))
    insert(1, at: 61)
    insert(2, at: 62)
    expect(Self.packet(2), pop(at: 80))
    #expect(buffer.counters.late == 1 && buffer.counters.duplicates == 1 && buffer.counters.lost == 1)
  }

  @Test("what is late is asked for five times, and then the stream pauses until there is more")
  mutating func pause() {
    insert(0, at: 0)
    expect(Self.packet(0), pop(at: 40))
    for index in 0..<5 { expect(.late, pop(at: 60 + 20 * index)) }
    expect(.none, pop(at: 160))
    #expect(!buffer.isPlaying)
    insert(1, at: 1_000, timestamp: 48_000)
    expect(.none, pop(at: 1_020))
    expect(Self.packet(1), pop(at: 1_040))
  }

  @Test("the delay follows the jitter, up to 200 ms and down again", arguments: [(0, 40), (60, 80), (400, 200)])
  mutating func adapts(jitter: Int, target: Int) {
    #expect(buffer.target == .milliseconds(40))
    var generator = SeededGenerator(seed: 3)
    var number = 0
    func delay(_ most: Int) -> Int { number % 10 == 0 ? most : Int.random(in: 0...max(0, most / 2), using: &generator) }
    for _ in 0..<500 {
      insert(number, at: number * 20 + delay(jitter))
      _ = pop(at: number * 20)
      number += 1
    }
    #expect(abs((buffer.target - .milliseconds(Int64(target))).nanoseconds) <= 2_000_000)
    for _ in 0..<300 {
      insert(number, at: number * 20)
      _ = pop(at: number * 20)
      number += 1
    }
    #expect(buffer.target == .milliseconds(40))
  }

  @Test("packets that are too late to be played make the delay longer, so that those after them are not")
  mutating func tooLate() {
    var arrivals = (0..<250).map { (number: $0, at: $0 * 20 + ($0 % 5 == 4 ? 150 : 0)) }.sorted { $0.at < $1.at }[...]
    for step in 0..<250 {
      while let first = arrivals.first, first.at <= step * 20 {
        arrivals = arrivals.dropFirst()
        insert(first.number, at: first.at)
      }
      _ = pop(at: step * 20)
    }
    #expect(buffer.counters.late > 0)
    #expect(buffer.target == .milliseconds(170))
  }

  @Test("another stream begins at once, and a jump of the numbers too")
  mutating func streams() {
    insert(0, at: 0)
    insert(1, at: 20)
    expect(Self.packet(0), pop(at: 40))
    insert(40_000, at: 60, timestamp: 7, generation: 2)
    expect(.none, pop(at: 80))
    expect(Self.packet(40_000), pop(at: 100))
    insert(41_000, at: 120, timestamp: 7 + 960 * 3, generation: 2)
    expect(Self.packet(41_000), pop(at: 160))
  }

  @Test("packets of 2.5 ms are held for 200 ms as well")
  mutating func shortPackets() {
    // The second time it begins with the delay that the first has taught it.
    var played = 0
    for talk in [0, 1] {
      let start = talk * 2_000
      let packets = (0..<400).map {
        (number: talk * 400 + $0, late: $0 % 8 == 0 ? 180_000 : 0, at: start * 1_000 + $0 * 2_500)
      }
      var arrivals = packets.sorted { $0.at + $0.late < $1.at + $1.late }[...]
      played = 0
      for step in 0..<800 {
        let now = start * 1_000 + step * 2_500
        while let first = arrivals.first, first.at + first.late <= now {
          arrivals = arrivals.dropFirst()
          insert(first.number, at: (first.at + first.late) / 1_000, timestamp: first.at * 48 / 1_000)
        }
        if case .packet = buffer.pop(after: 120, now: Self.time(now / 1_000)) { played += 1 }
      }
    }
    #expect(played > 390, "\(played)")
  }

  @Test("whatever comes, no more than 128 packets are held", arguments: [1, 2, 3] as [UInt64])
  mutating func bounded(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for step in 0..<2_000 {
      insert(
        .random(in: 0...200_000, using: &generator), at: step, timestamp: .random(in: 0...1 << 62, using: &generator),
        generation: .random(in: 0...3, using: &generator))
      insert(step, at: step)
      if step % 3 == 0 { _ = pop(at: step) }
      #expect(buffer.packetCount <= 128)
    }
  }
}
