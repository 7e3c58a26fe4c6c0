import NIOCore

/// Which sizes of a ladder this host can encode, by the share of the frame interval that encoding takes.
///
/// A smaller size is taken when nearly the fastest speed of the encoder takes more than `high` of the interval: the one
/// that would take `comfortable`, at which `EncoderSpeedGovernor` returns to a better speed. The next larger one is tried
/// after `patience`, when it would take less than `low`; after a failed try it waits twice as long for the next one.
struct EncodingLoad: Sendable {
  private static let high = 0.7
  private static let low = 0.5
  private static let comfortable = 0.35
  /// The frames after which a load is judged.
  private static let settling = 8
  private static let shortestPatience = TimeAmount.seconds(10)
  private static let longestPatience = TimeAmount.minutes(5)
  /// A frame that took very long, for instance while the process was suspended, counts as one that took this share.
  private static let longestShare = 4.0

  /// The largest step that this host can encode; 0 is the source's own size.
  private(set) var largestStep = 0
  /// The samples of a picture in each step.
  private let samples: [Double]
  private var mean = 0.0
  private var frames = 0
  private var isTrial = false
  private var calmSince: NIODeadline?
  private var patience = Self.shortestPatience

  init(steps samples: [Double]) {
    self.samples = samples
  }

  mutating func beginStep() {
    frames = 0
  }

  mutating func record(share: Double, isNearlyFastest: Bool, at step: Int, now: NIODeadline) {
    let share = max(0, min(share, Self.longestShare))
    mean = frames == 0 ? share : mean + (share - mean) / Double(Self.settling)
    frames += 1
    guard frames >= Self.settling else { return }
    if isNearlyFastest, mean > Self.high {
      goDown(from: step)
    } else if largestStep > 0, mean * samples[largestStep - 1] / samples[step] < Self.low {
      goUp(now: now)
    } else {
      calmSince = nil
    }
  }

  private mutating func goDown(from step: Int) {
    let affordable = samples[step] * Self.comfortable / mean
    let next = samples.firstIndex { $0 <= affordable } ?? samples.count - 1
    guard next > step else { return }
    if isTrial { patience = min(patience * 2, Self.longestPatience) }
    largestStep = next
    isTrial = false
    calmSince = nil
    frames = 0
  }

  private mutating func goUp(now: NIODeadline) {
    let since = calmSince ?? now
    calmSince = since
    guard now - since >= patience else { return }
    // The last try has held for the whole time.
    if isTrial { patience = Self.shortestPatience }
    largestStep -= 1
    isTrial = true
    calmSince = nil
  }
}
