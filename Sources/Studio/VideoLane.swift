import Capture
import NIOCore
import Video

/// One encoder and what it follows: the bitrate that the network takes, and the size, the frame rate and the speed that
/// go with it. All who watch it are sent the same frames.
struct VideoLane: ~Copyable {
  private let control: LaneControl
  private var format: VideoFormat
  private var encoder: VP8Encoder
  private var governor: EncoderSpeedGovernor
  private var adaptation: EncodingAdaptation
  /// Leaves frames out where the frame rate is lower than the source's.
  private var limiter: (rate: FrameRate, limiter: FrameRateLimiter)?

  /// From this target on, and on a path that takes a quarter more, a key frame each four seconds is worth its bits: who
  /// lost a frame, or joins, has a picture by then without having to ask. On a narrower path they are made on demand only.
  private static let periodicKeyFrames = 2_400_000
  private static let periodicKeyFramesMargin = 1.25
  private static let keyFrameInterval = TimeAmount.seconds(4)

  init(
    _ format: VideoFormat, limits: EncodingLimits, threads: Int, control: LaneControl
  ) throws(VideoError) {
    self.control = control
    self.format = format
    adaptation = EncodingAdaptation(source: format)
    let target = limits.target(available: control.availableBitrate)
    let size = limits.isFixed ? format.size : adaptation.firstSize(target: target)
    encoder = try VP8Encoder(
      .init(width: size.width, height: size.height, bitrate: target, frameRate: format.frameRate, threads: threads))
    governor = EncoderSpeedGovernor(frameRate: format.frameRate)
  }

  /// - Parameters:
  ///   - othersTime: the time that the other lanes take for a frame. The speed and the size follow the sum, so that each
  ///     lane does its part on a host that is too slow.
  /// - Returns: nil if the frame is left out for a lower frame rate, or libvpx made nothing of it.
  mutating func encode(
    _ frame: borrowing VideoFrame, within limits: EncodingLimits, beside othersTime: TimeAmount = .zero,
    _ counters: inout EncodingCounters, clock: VideoPump.Clock
  ) throws(VideoError) -> EncodedFrame? {
    let begin = clock.now()
    if frame.size != format.size { restart(frame.size) }
    let target = limits.target(available: control.availableBitrate)
    let choice = choose(within: limits, now: begin)
    counters.targetBitrate = target
    counters.qualityLimitation.update(choice.limitation, now: begin)
    guard admits(frame.captureTime, at: choice.frameRate) else { return nil }
    encoder.setBitrate(target, available: control.availableBitrate)
    encoder.setFrameRate(choice.frameRate)
    encoder.setKeyFrameInterval(
      limits.isFixed || affordsPeriodicKeyFrames(target: target) ? Self.keyFrameInterval : nil)
    let encoding = try encoder.encode(
      frame, size: choice.size, forceKeyFrame: control.takeKeyFrameRequest(), layered: control.isLayered)
    guard let encoded = encoding else { return nil }
    let encodeTime = clock.now() - begin
    counters.add(encoded, encodeTime: encodeTime)
    record(encoded, encodeTime: encodeTime + othersTime, now: begin)
    return encoded
  }

  /// The source has another size from now on.
  private mutating func restart(_ size: PictureSize) {
    format.width = size.width
    format.height = size.height
    adaptation = EncodingAdaptation(source: format)
  }

  private func affordsPeriodicKeyFrames(target: Int) -> Bool {
    let available = control.stableBitrate.map { Double($0) / Self.periodicKeyFramesMargin } ?? .infinity
    return min(Double(target), available) >= Double(Self.periodicKeyFrames)
  }

  private mutating func choose(within limits: EncodingLimits, now: NIODeadline) -> EncodingAdaptation.Choice {
    guard !limits.isFixed else {
      return .init(size: format.size, frameRate: format.frameRate, limitation: .none)
    }
    return adaptation.choose(
      target: limits.target(available: control.stableBitrate),
      momentary: limits.target(available: control.availableBitrate), now: now)
  }

  private mutating func admits(_ time: NIODeadline, at rate: FrameRate) -> Bool {
    guard rate < format.frameRate else {
      limiter = nil
      return true
    }
    if limiter?.rate != rate { limiter = (rate, FrameRateLimiter(maximum: rate)) }
    return limiter?.limiter.admits(time) ?? true
  }

  private mutating func record(_ encoded: EncodedFrame, encodeTime: TimeAmount, now: NIODeadline) {
    let interval = Double(format.frameRate.interval.nanoseconds)
    adaptation.record(
      bytes: encoded.data.readableBytes, quantizer: encoded.quantizer, isKeyFrame: encoded.isKeyFrame,
      share: Double(encodeTime.nanoseconds) / interval, isNearlyFastest: governor.isNearlyFastest, now: now)
    encoder.setSpeed(governor.record(encodeTime: encodeTime))
  }
}
