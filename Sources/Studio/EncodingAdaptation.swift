import NIOCore
import Video

/// Chooses the size and the frame rate in which the pictures of a source are encoded, by the bitrate that the network
/// takes, by the quantizer that this bitrate leads to, and by the time that encoding takes.
///
/// Each size of the source's `PictureLadder` demands a bitrate: with less, its quantizer is so coarse that the next
/// smaller size looks as good when it is scaled back up. For content that is not known yet a demand is assumed, so that
/// the first size follows from the bitrate alone; then `ContentDemand` learns it from the quantizer.
///
/// It steps down at once, to the size that fits, when the bitrate is below 0.8 of the present demand or when
/// `EncodingLoad` says that encoding takes too long. It steps up when a size has fitted for three seconds with a margin
/// of 1.1; between the two it stays. When a step up had to be taken back within ten seconds, the next one waits twice as
/// long. In its first two seconds it steps up at once, but not to the next size alone, since each change costs a key
/// frame. The frame rate is reduced in the smallest size only.
struct EncodingAdaptation: Sendable {
  struct Choice: Equatable, Sendable {
    var size: PictureSize
    var frameRate: FrameRate
    var limitation: QualityLimitation.Reason
  }

  private let steps: [EncodingStep]
  /// The index of the first step with a reduced frame rate.
  private let firstReduced: Int
  private var index: Int?
  private var content = ContentDemand()
  private var load: EncodingLoad
  private var start: NIODeadline?
  /// Since when a larger step has fitted.
  private var fitsSince: NIODeadline?
  private var lastStepUp: NIODeadline?
  private var patience = Self.shortestPatience

  private static let tolerance = 1.25
  private static let margin = 1.1
  /// How many times what the encoder is set to the demand of a size may be that is stepped down to: behind a queue its key
  /// frame would come late.
  private static let mostCatchUp = 2.0
  private static let shortestPatience = TimeAmount.seconds(3)
  private static let longestPatience = TimeAmount.minutes(2)
  /// A step up that has held for so long is right.
  private static let trial = TimeAmount.seconds(10)
  private static let beginning = TimeAmount.seconds(2)

  init(source: VideoFormat) {
    steps = EncodingStep.all(of: source)
    firstReduced = steps.firstIndex { $0.frameRate < source.frameRate } ?? steps.count
    load = EncodingLoad(steps: steps.prefix(firstReduced).map(\.samples))
  }

  /// The size to begin with, for a bitrate in bits per second.
  func firstSize(target: Int) -> PictureSize { steps[fitting(Double(target))].size }

  /// - Parameters:
  ///   - target: the bitrate in bits per second.
  ///   - momentary: what the encoder is set to now, which is less while something is to be made up for.
  mutating func choose(target: Int, momentary: Int, now: NIODeadline) -> Choice {
    let target = Double(target)
    let begin = start ?? now
    start = begin
    guard let present = index else {
      return change(to: fitting(target), now: now)
    }
    let tolerable = max(fitting(target * Self.tolerance), load.largestStep)
    guard tolerable <= present else {
      let bearable = min(target, Self.mostCatchUp * Double(momentary))
      return stepDown(to: max(fitting(bearable), load.largestStep), now: now)
    }
    let possible = max(fitting(target / Self.margin), load.largestStep)
    guard possible < present else {
      fitsSince = nil
      return choice(present)
    }
    let since = fitsSince ?? now
    fitsSince = since
    if let lastStepUp, now - lastStepUp > Self.trial { patience = Self.shortestPatience }
    let isBeginning = now - begin < Self.beginning
    let isDue = isBeginning ? present - possible > 1 || possible == 0 : now - since >= patience
    guard isDue else { return choice(present) }
    lastStepUp = now
    return change(to: possible, now: now)
  }

  /// Takes what is known of the frame that was encoded last.
  ///
  /// - Parameters:
  ///   - share: the share of the source's frame interval that encoding took.
  ///   - isNearlyFastest: whether a faster speed of the encoder would cost more than a smaller size.
  mutating func record(
    bytes: Int, quantizer: Int, isKeyFrame: Bool, share: Double, isNearlyFastest: Bool, now: NIODeadline
  ) {
    guard let index else { return }
    let step = steps[index]
    if !isKeyFrame {
      let bitrate = Double(bytes * 8) * step.frameRate.framesPerSecond
      content.record(bitrate: bitrate, quantizer: quantizer, demand: step.demand)
    }
    load.record(share: share, isNearlyFastest: isNearlyFastest, at: min(index, firstReduced - 1), now: now)
  }

  /// The largest step whose threshold the bitrate reaches.
  private func fitting(_ bitrate: Double) -> Int {
    steps.firstIndex { $0.threshold * content.factor <= bitrate } ?? steps.count - 1
  }

  private mutating func stepDown(to step: Int, now: NIODeadline) -> Choice {
    if let lastStepUp, now - lastStepUp <= Self.trial {
      patience = min(patience * 2, Self.longestPatience)
    }
    lastStepUp = nil
    return change(to: step, now: now)
  }

  private mutating func change(to step: Int, now: NIODeadline) -> Choice {
    index = step
    fitsSince = nil
    content.beginStep()
    load.beginStep()
    return choice(step)
  }

  private func choice(_ step: Int) -> Choice {
    let limitation: QualityLimitation.Reason = step == 0 ? .none : step <= load.largestStep ? .cpu : .bandwidth
    return Choice(size: steps[step].size, frameRate: steps[step].frameRate, limitation: limitation)
  }
}
