import NIOCore

/// Chooses the encoder speed that this machine can sustain from the encoding time of each frame. It changes to a faster
/// speed soon, and to a slower one late.
///
/// It leaves a speed if encoding takes more than `high` of the frame interval, and tries the slower speed, which has
/// the better quality, again when that would fit with a margin. After a failed try it waits twice as long for the next
/// one.
package struct EncoderSpeedGovernor: Sendable {
  /// The values of cpu-used that differ in cost; the odd values between do not. None is slower than -8: as measured
  /// with a real clip, -4 costs 1.8 times as much and gains 0.4 dB, and a small computer has other uses for its power.
  package static let speeds = [-8, -10, -12, -14, -16]

  /// The share of the frame interval that encoding may take. The rest is for decoding, packets and other processes.
  private static let high = 0.70
  /// From this share on only the fastest speed can help, which takes 0.63 of the time of the slowest.
  private static let overload = 1.1
  /// Below this share even the most expensive step, measured as a factor of 1.17, stays below `high`.
  private static let low = 0.35
  /// The frames after which a speed is judged, since a single key frame must not cause a change.
  private static let settling = 8
  private static let patience = TimeAmount.seconds(4)
  private static let longestPatience = TimeAmount.minutes(5)

  package private(set) var speed: Int
  /// Whether a smaller picture is the better way to save time: as measured, -16 costs 8 % less than -14, and 5 dB.
  package var isNearlyFastest: Bool { speed <= -14 }
  private var index: Int
  private let interval: TimeAmount
  /// The mean share of the interval, weighted towards the last frames.
  private var load = 0.0
  private var framesAtSpeed = 0
  private var calmTime = TimeAmount.zero
  private var patience = Self.patience
  private var isTrial = false

  package init(frameRate: FrameRate, startingAt speed: Int = -8) {
    interval = frameRate.interval
    index = Self.speeds.firstIndex { $0 <= speed } ?? Self.speeds.count - 1
    self.speed = Self.speeds[index]
  }

  /// Takes the encoding time of the last frame and returns the speed for the next one.
  @discardableResult
  package mutating func record(encodeTime: TimeAmount) -> Int {
    // A frame that took very long, for instance while the process was suspended, counts as one that took two intervals.
    let share = min(2, max(0, Double(encodeTime.nanoseconds) / Double(interval.nanoseconds)))
    load = framesAtSpeed == 0 ? share : load + (share - load) / Double(Self.settling)
    framesAtSpeed += 1
    guard framesAtSpeed >= Self.settling else { return speed }
    if load > Self.high {
      goFaster()
    } else if load < Self.low {
      calmTime = calmTime + interval
      if calmTime >= patience { goSlower() }
    } else {
      calmTime = .zero
    }
    return speed
  }

  private mutating func goFaster() {
    if isTrial { patience = min(patience * 2, Self.longestPatience) }
    change(to: load > Self.overload ? max(index + 1, Self.speeds.count - 1) : index + 1)
    isTrial = false
  }

  private mutating func goSlower() {
    // The last trial succeeded for the whole waiting time, so earlier failures no longer count.
    if isTrial { patience = Self.patience }
    change(to: index - 1)
    isTrial = true
  }

  private mutating func change(to newIndex: Int) {
    calmTime = .zero
    guard Self.speeds.indices.contains(newIndex) else { return }
    index = newIndex
    speed = Self.speeds[index]
    framesAtSpeed = 0
  }
}
