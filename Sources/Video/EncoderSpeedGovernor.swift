import NIOCore

/// Chooses the fixed encoder speed at which this machine keeps up: told what each frame cost, it goes faster soon and
/// slower late.
///
/// A speed is given up when encoding takes more than `high` of the frame interval, and the slower, better one tried
/// again when it would fit with room to spare. A try that fails makes the next one wait twice as long.
package struct EncoderSpeedGovernor: Sendable {
  /// libvpx's cpu-used values that differ in cost; the odd ones between do not. Nothing better than -8: measured on a
  /// real clip, -4 costs 1.8 times as much for 0.4 dB, and a small computer has other uses for its power.
  package static let speeds = [-8, -10, -12, -14, -16]

  /// The share of the interval that encoding may take: the rest is for decoding, packets and everybody else.
  private static let high = 0.70
  /// Below this even the dearest step (measured as a factor of 1.17) stays below `high`.
  private static let low = 0.35
  /// Frames that a speed is given before it is judged: a key frame alone is no reason.
  private static let settling = 8
  private static let patience = TimeAmount.seconds(4)
  private static let longestPatience = TimeAmount.minutes(5)

  package private(set) var speed: Int
  private var index: Int
  private let interval: TimeAmount
  /// Mean share of the interval, weighted to the last frames.
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

  /// `encodeTime` is what the last frame cost. Answers the speed for the next one.
  @discardableResult
  package mutating func record(encodeTime: TimeAmount) -> Int {
    // One frame that hung for a second says no more than one that took two intervals.
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
    change(to: index + 1)
    isTrial = false
  }

  private mutating func goSlower() {
    // The last trial stood for a whole patience: forget what earlier ones cost.
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
