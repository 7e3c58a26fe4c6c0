import Capture
import NIOCore
import Video

/// Takes frames from a source at their pace, shows them to the tap and encodes them in each open lane: the body of the video
/// thread.
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
  private var lanes: VideoLanes
  private var snapshots: SnapshotTap
  private var counters = VideoCounters()
  /// Where the medium's time 0 lies on the monotonic clock.
  private var origin: NIODeadline?
  /// When the frame before was due.
  private var lastDue = NIODeadline.uptimeNanoseconds(0)
  /// When somebody began to look.
  private var start = NIODeadline.uptimeNanoseconds(0)
  /// Is called with the reason why the source has no picture of its own, and with `nil` when it has one again.
  package var onTrouble: (SourceTrouble?) -> Void = { _ in }
  /// The sound of the source; nil where it has none, or none is wanted.
  private var sound: SoundThread?
  /// Whether there is sound, before it begins.
  package var hasSound: Bool { sound != nil }
  /// The path of the camera's node; nil if the source is no camera.
  var cameraPath: String? { source.cameraPath }
  private var trouble: SourceTrouble?

  package init(
    source: any VideoSource, limits: EncodingLimits, threads: Int, control: EncoderControl, clock: Clock = .monotonic
  ) throws(VideoError) {
    self.source = source
    self.control = control
    self.clock = clock
    lanes = try VideoLanes(source.format, limits: limits, threads: threads, control: control)
    snapshots = SnapshotTap(control)
  }

  /// Opens the source that was asked for.
  ///
  /// - Parameters:
  ///   - echo: what a loudspeaker plays, which is taken out of the microphone's sound; nil if there is none.
  ///   - onPause: called with the reason when opening the source has to wait for somebody; `nil` if nobody is there to
  ///     be told, so that the wait is limited.
  ///   - onRemark: called with what a person should know of the source, if there is something.
  ///   - onDetail: called with what helps whoever looks into the behaviour of the source.
  ///   - onMicrophoneTrouble: called on the sound thread with the reason why there is no sound, and with `nil` when there
  ///     is sound again.
  package static func make(
    _ configuration: VideoConfiguration, control: EncoderControl, clock: sending Clock = .monotonic,
    echo: EchoPath? = nil,
    onPause: (@Sendable (String) -> Void)? = nil, onRemark: @Sendable (String) -> Void = { _ in },
    onDetail: @escaping @Sendable (String) -> Void = { _ in },
    onMicrophoneTrouble: @escaping @Sendable (MicrophoneError?) -> Void = { _ in }
  ) throws(StudioError) -> sending VideoPump {
    let source: any VideoSource
    do throws(CaptureError) {
      source = try SourceFactory.open(configuration, onPause: onPause, onDetail: onDetail)
    } catch {
      throw .source(error)
    }
    source.remark.map(onRemark)
    let sound = try SoundFactory.open(
      configuration, beside: source, without: echo, until: control.sound, onRemark: onRemark,
      onTrouble: onMicrophoneTrouble)
    do throws(VideoError) {
      let pump = try VideoPump(
        source: source, limits: configuration.limits, threads: 1, control: control, clock: clock)
      pump.sound = sound.map(SoundThread.init)
      return pump
    } catch {
      throw .encoder(error)
    }
  }

  /// Is called with the sound, on a thread of its own.
  func onSound(_ deliver: @escaping VideoThread.DeliverSound) {
    sound?.deliver = deliver
  }

  /// Is called with the picture that the control asks for, as JPEG, or with `nil` where the camera is gone.
  package var onSnapshot: (ByteBuffer?) -> Void {
    get { snapshots.onSnapshot }
    set { snapshots.onSnapshot = newValue }
  }

  /// Waits for the control's start, then runs until the source ends or the control says stop.
  package func run(deliver: (EncodedFrame, VideoCounters) -> Void) throws {
    control.waitForStart()
    // Nobody is listened to before somebody can hear it.
    sound.take()?.start()
    defer { source.mediumClock?.finish() }
    start = clock.now()
    while !control.isStopped {
      counters.source = source.counters
      let isFrame = try source.nextFrame(notBefore: earliestUseful()) { frame in
        try process(frame, deliver)
        // After those who watch have theirs.
        snapshots.look(at: frame, of: source, count: counters.framesCaptured, age: clock.now() - start)
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

  private func process(
    _ frame: borrowing VideoFrame, _ deliver: (EncodedFrame, VideoCounters) -> Void
  ) throws(VideoError) {
    counters.framesCaptured += 1
    // What stands for a lost camera's picture is stamped when it is made, a camera's picture when it was exposed.
    let due = max(dueTime(of: frame.captureTime), lastDue + .milliseconds(1))
    lastDue = due
    clock.sleep(due)
    guard !control.isStopped else { return }
    try lanes.encode(frame, &counters, clock: clock) { encoded, counters in
      var encoded = encoded
      encoded.captureTime = due
      deliver(encoded, counters)
    }
  }

  /// When the frame is to be shown, on the monotonic clock.
  private func dueTime(of captureTime: NIODeadline) -> NIODeadline {
    switch source.timeline {
    case .live:
      return captureTime
    case .media:
      let offset = TimeAmount.nanoseconds(Int64(captureTime.uptimeNanoseconds))
      if let origin { return origin + offset }
      let origin = clock.now() - offset
      self.origin = origin
      source.mediumClock?.begin(at: origin)
      return origin + offset
    }
  }
}
