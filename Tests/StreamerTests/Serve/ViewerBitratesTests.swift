import Testing

@testable import Streamer

@Suite("One encoder's bitrate for several viewers")
struct ViewerBitratesTests {
  private func bitrates(_ caps: Int?...) -> ViewerBitrates {
    var bitrates = ViewerBitrates(configured: 1_500_000)
    for id in caps.indices { bitrates.join(id) }
    for (id, cap) in caps.enumerated() { cap.map { bitrates.cap(id, to: $0) } }
    return bitrates
  }

  @Test("a single viewer sets it, and is sent every frame")
  func single() {
    #expect(bitrates(nil).limit == .max)
    #expect(bitrates(400_000).limit == 400_000)
    #expect(bitrates(400_000).throttled.isEmpty)
  }

  @Test("the best network sets it, and who can take much less is sent every other frame")
  func best() {
    let bitrates = bitrates(1_200_000, 500_000, 1_100_000)
    #expect(bitrates.limit == 1_200_000)
    #expect(bitrates.throttled == [1])
  }

  @Test("who has not said what it can take holds nobody down, nor is throttled")
  func silent() {
    let bitrates = bitrates(nil, 500_000)
    #expect(bitrates.limit == .max && bitrates.throttled == [1])
  }

  @Test("above what the encoder makes, nobody is throttled")
  func enough() {
    #expect(bitrates(20_000_000, 1_400_000).throttled.isEmpty)
  }

  @Test("whoever was throttled is sent all again when it can take all, not before")
  func recovery() {
    var bitrates = bitrates(nil, 1_200_000)
    #expect(bitrates.throttled == [1])
    bitrates.cap(1, to: 1_400_000)
    #expect(bitrates.throttled == [1])
    bitrates.cap(1, to: 1_500_000)
    #expect(bitrates.throttled.isEmpty)
    bitrates.cap(1, to: 1_400_000)
    #expect(bitrates.throttled.isEmpty)
  }

  @Test("with the best one gone, the next sets it")
  func leaving() {
    var bitrates = bitrates(nil, 300_000)
    bitrates.leave(0)
    #expect(bitrates.limit == 300_000 && bitrates.throttled.isEmpty)
    bitrates.leave(1)
    bitrates.cap(1, to: 100_000)
    #expect(bitrates.limit == .max)
  }
}
