import NIOCore
import Testing

@testable import Studio

@Suite("One encoder's bitrate for several viewers")
struct ViewerBitratesTests {
  private static let rate = 1_000_000
  /// Of temporal layer 0.
  private static let baseRate = 600_000

  private var bitrates = ViewerBitrates()
  private var now = NIODeadline.uptimeNanoseconds(1_000_000_000)

  /// Whole windows of 4 s in which the encoder makes so many bits a second.
  private mutating func stream(windows: Int = 1, rate: Int = rate, base: Int = baseRate) {
    for _ in 0..<windows {
      var isOver = false
      while !isOver {
        isOver = bitrates.add(bytes: base / 8, temporalLayer: 0, at: now)
        isOver = bitrates.add(bytes: (rate - base) / 8, temporalLayer: 1, at: now) || isOver
        now = now + .seconds(1)
      }
    }
  }

  private mutating func join(_ caps: Int?...) {
    for id in caps.indices { bitrates.join(id) }
    stream(windows: 2)
    for (id, cap) in caps.enumerated() { cap.map { bitrates.cap(id, to: $0, stable: $0) } }
  }

  private var throttled: Set<Int> { Set((0..<10).filter(bitrates.isThrottled)) }

  @Test("a single viewer sets it, and is sent every frame")
  mutating func single() {
    join(nil)
    #expect(bitrates.limit == .max)
    bitrates.cap(0, to: 300_000, stable: 300_000)
    #expect(bitrates.limit == 300_000 && throttled.isEmpty && !bitrates.isAnyThrottled)
  }

  @Test("the best network sets it, and who can take much less is sent every other frame")
  mutating func best() {
    join(1_200_000, 500_000, 1_100_000)
    #expect(bitrates.limit == 1_200_000)
    #expect(throttled == [1] && bitrates.isAnyThrottled)
  }

  @Test("who is throttled is sent the frames of the lowest temporal layer, and the others all")
  mutating func layers() {
    join(1_200_000, 500_000)
    #expect((0...2).map { bitrates.isFor(0, temporalLayer: $0) } == [true, true, true])
    #expect((0...2).map { bitrates.isFor(1, temporalLayer: $0) } == [true, false, false])
  }

  @Test("who has not said what it can take holds nobody down, nor is throttled")
  mutating func silent() {
    join(nil, 500_000)
    #expect(bitrates.limit == .max && throttled == [1])
  }

  @Test("what is held against a viewer's word is what the encoder makes: of a still scene little")
  mutating func still() {
    bitrates.join(0)
    bitrates.join(1)
    stream(windows: 2, rate: 200_000, base: 120_000)
    bitrates.cap(0, to: 3_000_000, stable: 3_000_000)
    bitrates.cap(1, to: 190_000, stable: 190_000)
    #expect(throttled.isEmpty)
  }

  @Test("before it is known what the encoder makes, nobody is throttled")
  mutating func unknown() {
    bitrates.join(0)
    bitrates.join(1)
    bitrates.cap(1, to: 1_000, stable: 1_000)
    #expect(throttled.isEmpty)
  }

  @Test("whoever was throttled is sent all again when it can take all, not before")
  mutating func recovery() {
    join(nil, 500_000)
    #expect(throttled == [1])
    bitrates.cap(1, to: 800_000, stable: 800_000)
    #expect(throttled == [1])
    bitrates.cap(1, to: 900_000, stable: 900_000)
    #expect(throttled.isEmpty)
  }

  @Test("a word near the ceiling of what every other frame can show is put to the test, and stands")
  mutating func ceiling() {
    join(nil, 500_000)
    bitrates.cap(1, to: 839_999, stable: 839_999)
    stream(windows: 3)
    #expect(throttled == [1])
    // The share of layer 0 is 0.6: a receiver says 0.9 of the rate at most, and this share may be smaller.
    bitrates.cap(1, to: 750_000, stable: 750_000)
    stream(base: 500_000)
    #expect(throttled.isEmpty)
    bitrates.cap(1, to: 760_000, stable: 760_000)
    stream(windows: 20)
    #expect(throttled.isEmpty)
  }

  @Test("a word that stays the same when all is sent is meant")
  mutating func constant() {
    join(nil, 500_000)
    #expect(throttled == [1])
    stream(rate: 300_000, base: 180_000)
    #expect(throttled.isEmpty)
    stream(windows: 2)
    #expect(throttled == [1])
    bitrates.cap(1, to: 750_000, stable: 750_000)
    stream(base: 500_000)
    #expect(throttled.isEmpty)
    stream(base: 500_000)
    #expect(throttled == [1])
  }

  @Test("each trial that goes wrong makes the wait for the next twice as long, up to four minutes")
  mutating func failures() {
    join(nil, 700_000)
    #expect(throttled == [1])
    for wait in [1, 2, 4, 8, 16, 32, 64, 64] {
      bitrates.cap(1, to: 750_000, stable: 750_000)
      stream(windows: wait - 1, base: 500_000)
      #expect(throttled == [1])
      stream(base: 500_000)
      #expect(throttled.isEmpty)
      bitrates.cap(1, to: 700_000, stable: 700_000)
      #expect(throttled == [1])
    }
  }

  @Test("a trial that ends well makes good what went wrong before it")
  mutating func success() {
    join(nil, 700_000)
    for wait in [1, 2, 1] {
      bitrates.cap(1, to: 750_000, stable: 750_000)
      stream(windows: wait, base: 500_000)
      #expect(throttled.isEmpty)
      if wait == 2 { bitrates.cap(1, to: 1_000_000, stable: 1_000_000) }
      bitrates.cap(1, to: 700_000, stable: 700_000)
      #expect(throttled == [1])
    }
  }

  @Test("with the best one gone, the next sets it")
  mutating func leaving() {
    join(nil, 300_000)
    #expect(throttled == [1])
    bitrates.leave(0)
    #expect(bitrates.limit == 300_000 && throttled.isEmpty)
    bitrates.leave(1)
    bitrates.cap(1, to: 100_000, stable: 100_000)
    #expect(bitrates.limit == .max)
  }
}
