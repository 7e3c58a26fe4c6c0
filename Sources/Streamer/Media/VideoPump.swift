import Capture
import NIOCore
import Video

/// Takes frames from a source at their pace and encodes them: the body of the video thread.
///
/// Frames never cross a thread; only encoded ones leave.
package final class VideoPump {
  package struct Clock {
    package var now: () -> NIODeadline
    package var sleep: (NIODeadline) -> Void

    package init(now: @escaping () -> NIODeadline, sleep: @escaping (NIODeadline) -> Void) {
      self.now = now
      self.sleep = sleep
    }

    package static var monotonic: Clock { Clock(now: { .now() }, sleep: MonotonicClock.sleep(until:)) }
  }

  private let source: any VideoSource
  private let control: EncoderControl
  private let clock: Clock
  private let configuredBitrate: Int
  private var encoder: VP8Encoder
  private var governor: EncoderSpeedGovernor
  private var counters = VideoCounters()
  /// Where the medium's time 0 lies on the monotonic clock.
  private var origin: NIODeadline?
  /// Of the frame before.
  private var lastDue = NIODeadline.uptimeNanoseconds(0)
  /// When somebody began to look.
  private var start = NIODeadline.uptimeNanoseconds(0)
  /// Told the picture that the control asks for, as JPEG; nil: there is none, since the camera is gone.
  package var onSnapshot: (ByteBuffer?) -> Void = { _ in }
  /// Told why the source has no picture of its own, and `nil` when it has one again.
  package var onTrouble: (SourceTrouble?) -> Void = { _ in }
  private var trouble: SourceTrouble?

  /// A camera that was just opened takes about half a second to find exposure and white balance, in the dark, where it
  /// gives few pictures, longer. So many are let pass, or so much time.
  private static let settlingFrames = 20
  private static let settlingTime = TimeAmount.seconds(2)

  package init(
    source: any VideoSource, bitrate: Int, threads: Int, control: EncoderControl, clock: Clock = .monotonic
  ) throws(VideoError) {
    self.source = source
    self.control = control
    self.clock = clock
    configuredBitrate = bitrate
    let format = source.format
    encoder = try VP8Encoder(
      .init(
        width: format.width, height: format.height, bitrate: bitrate, frameRate: format.frameRate, threads: threads))
    governor = EncoderSpeedGovernor(frameRate: format.frameRate)
    counters.targetBitrate = bitrate
  }

  /// Waits for the control's start, then runs until the source ends or the control says stop.
  package func run(deliver: (EncodedFrame, VideoCounters) -> Void) throws {
    control.waitForStart()
    start = clock.now()
    while !control.isStopped {
      counters.source = source.counters
      let isFrame = try source.nextFrame(notBefore: earliestUseful()) { frame in
        if let encoded = try process(frame) { deliver(encoded, counters) }
        // After those who watch have theirs; without a wish it costs one load.
        if control.isSnapshotWanted { takeSnapshot(of: frame) }
        return true
      }
      guard isFrame != nil else { return }
      tellTrouble()
    }
  }

  private func tellTrouble() {
    guard source.trouble != trouble else { return }
    trouble = source.trouble
    onTrouble(trouble)
  }

  /// What a camera saw before anybody looked is not shown. A medium that fell behind is caught up with by leaving
  /// frames out, not by playing it faster.
  private func earliestUseful() -> NIODeadline {
    switch source.timeline {
    case .live:
      return start
    case .media:
      guard let origin else { return .uptimeNanoseconds(0) }
      let position = clock.now() - origin - Self.patience(of: source.format.frameRate)
      return .uptimeNanoseconds(UInt64(max(0, position.nanoseconds)))
    }
  }

  /// A short stall (a key frame, another process) is no reason to lose a picture.
  private static func patience(of frameRate: FrameRate) -> TimeAmount {
    max(.milliseconds(100), frameRate.interval)
  }

  private func process(_ frame: borrowing VideoFrame) throws(VideoError) -> EncodedFrame? {
    counters.framesCaptured += 1
    // What stands for a lost camera's picture is stamped when it is made, a camera's picture when it was exposed.
    let due = max(dueTime(of: frame.captureTime), lastDue + .milliseconds(1))
    lastDue = due
    clock.sleep(due)
    guard !control.isStopped else { return nil }
    let begin = clock.now()
    let bitrate = min(control.configuredBitrate ?? configuredBitrate, control.bitrateLimit)
    encoder.setBitrate(bitrate)
    counters.targetBitrate = bitrate
    let encoding = try encoder.encode(
      frame, forceKeyFrame: control.takeKeyFrameRequest(), layered: control.isLayered)
    guard var encoded = encoding else { return nil }
    let encodeTime = clock.now() - begin
    encoder.setSpeed(governor.record(encodeTime: encodeTime))
    counters.framesEncoded += 1
    counters.keyFramesEncoded += encoded.isKeyFrame ? 1 : 0
    counters.totalEncodeTime = counters.totalEncodeTime + encodeTime
    counters.lastEncodeTime = encodeTime
    encoded.captureTime = due
    return encoded
  }

  private func takeSnapshot(of frame: borrowing VideoFrame) {
    guard source.hasSignal else { return answerSnapshot(nil) }
    let isSettled =
      source.timeline == .media || counters.framesCaptured >= Self.settlingFrames
      || clock.now() - start >= Self.settlingTime
    if isSettled { answerSnapshot(JPEGEncoder().encode(frame)) }
  }

  private func answerSnapshot(_ picture: ByteBuffer?) {
    control.clearSnapshotRequest()
    onSnapshot(picture)
  }

  /// When the frame is to be shown, on the monotonic clock.
  private func dueTime(of captureTime: NIODeadline) -> NIODeadline {
    switch source.timeline {
    case .live:
      return captureTime
    case .media:
      let offset = TimeAmount.nanoseconds(Int64(captureTime.uptimeNanoseconds))
      if origin == nil { origin = clock.now() - offset }
      return origin! + offset
    }
  }
}
