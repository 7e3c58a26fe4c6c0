import NIOCore
import Testing
import Video

@Suite struct EncoderSpeedGovernorTests {
  /// A machine on which speed -4 costs `base` and each step less, as measured with libvpx.
  private static let cost = [-4: 1.0, -6: 0.60, -8: 0.55, -10: 0.49, -12: 0.42, -14: 0.375, -16: 0.346]
  private static let rate = FrameRate(25)

  private func run(_ governor: inout EncoderSpeedGovernor, frames: Int, base: TimeAmount) -> [Int] {
    (0..<frames).map { _ in
      let cost = TimeAmount.nanoseconds(Int64(Double(base.nanoseconds) * Self.cost[governor.speed]!))
      return governor.record(encodeTime: cost)
    }
  }

  @Test("a slow machine reaches a sustainable speed within two seconds")
  func slowMachine() {
    var governor = EncoderSpeedGovernor(frameRate: Self.rate)
    let speeds = run(&governor, frames: 50, base: .milliseconds(65))
    #expect(governor.speed == -12)  // 65 ms * 0.42 = 27.3 ms of 40 ms
    #expect(speeds.first == -8)
  }

  @Test("a machine that only the fastest speed can help takes it at once")
  func overloaded() {
    var governor = EncoderSpeedGovernor(frameRate: Self.rate)
    let speeds = run(&governor, frames: 9, base: .milliseconds(100))
    #expect(Set(speeds) == [-8, -16])
  }

  @Test("a machine that is always too slow stays at the fastest speed")
  func hopeless() {
    var governor = EncoderSpeedGovernor(frameRate: Self.rate)
    _ = run(&governor, frames: 200, base: .milliseconds(400))
    #expect(governor.speed == -16)
  }

  @Test("a fast machine returns to the better quality only after seconds of low load")
  func fastMachine() {
    var governor = EncoderSpeedGovernor(frameRate: Self.rate, startingAt: -10)
    let speeds = run(&governor, frames: 25 * 10, base: .milliseconds(10))
    #expect(speeds[90] == -10)
    #expect(governor.speed == -8)
  }

  @Test("even the fastest machine does not use a speed of no visible benefit")
  func enough() {
    var governor = EncoderSpeedGovernor(frameRate: Self.rate)
    #expect(Set(run(&governor, frames: 25 * 60, base: .milliseconds(1))) == [-8])
  }

  @Test("a load at the limit does not make the speed oscillate")
  func hysteresis() {
    // -8 costs 0.35 of the interval or less, -6 is then below 0.70: every load has a speed that it rests at.
    for base in stride(from: 5, through: 90, by: 1) {
      var governor = EncoderSpeedGovernor(frameRate: Self.rate)
      _ = run(&governor, frames: 25 * 60, base: .milliseconds(Int64(base)))
      let late = run(&governor, frames: 25 * 60, base: .milliseconds(Int64(base)))
      #expect(Set(late).count == 1, "at \(base) ms")
    }
  }

  @Test("a single slow frame changes nothing")
  func hiccup() {
    var governor = EncoderSpeedGovernor(frameRate: Self.rate)
    _ = run(&governor, frames: 30, base: .milliseconds(30))
    governor.record(encodeTime: .milliseconds(100))
    _ = run(&governor, frames: 30, base: .milliseconds(30))
    #expect(governor.speed == -8)
  }

  @Test("a varying load makes tries of the better speed ever rarer")
  func backsOff() {
    var governor = EncoderSpeedGovernor(frameRate: Self.rate, startingAt: -10)
    var trials: [Int] = []
    for frame in 0..<25 * 240 {
      let before = governor.speed
      // Calm at -10, overload at anything better: as if something else shared the machine.
      governor.record(encodeTime: before <= -10 ? .milliseconds(8) : .milliseconds(38))
      if governor.speed > before { trials.append(frame) }
    }
    let gaps = zip(trials.dropFirst(), trials).map { $0 - $1 }
    #expect(trials.count >= 4 && trials.count <= 8)
    #expect(gaps == gaps.sorted())
  }

  @Test("the initial speed is the nearest one available")
  func start() {
    #expect(EncoderSpeedGovernor(frameRate: Self.rate, startingAt: -9).speed == -10)
    #expect(EncoderSpeedGovernor(frameRate: Self.rate, startingAt: 0).speed == -8)
    #expect(EncoderSpeedGovernor(frameRate: Self.rate, startingAt: -40).speed == -16)
  }
}
