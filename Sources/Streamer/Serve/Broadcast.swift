import Logging
import NIOCore
import Video
import XMPP

/// One source and one encoder for all who watch, or ask for a picture: opened when the first viewer calls, closed when the
/// last has gone.
actor Broadcast {
  private struct Viewer {
    var call: CallDriver
    var isWatching = false
    var keyFrames: KeyFrameBudget
  }

  private let eventLoop: any EventLoop
  private let logger: Logger
  /// Taken when the source is opened.
  var video: VideoConfiguration
  private var bitrates = ViewerBitrates()
  private var viewers: [Int: Viewer] = [:]
  private var nextID = 0
  /// Of the video thread, while there is one.
  private var control: EncoderControl?
  /// The thread was told to stop and holds the camera still.
  private var isEnding = false
  /// It could not be opened, or failed, the last time somebody wanted to watch.
  private(set) var isSourceLost = false
  /// Of what was sent last, while the source is open.
  private(set) var pictureSize: (width: Int, height: Int)?
  /// Who waits for a picture, and who is told where none comes.
  private var snapshot: (promise: EventLoopPromise<ByteBuffer>, timer: Scheduled<Void>)?
  /// Longer than a camera takes to open, and to give a first picture.
  private static let snapshotTimeout = TimeAmount.seconds(10)
  private var counters = VideoCounters()
  /// Of the sources that are closed.
  private var formerCounters = VideoCounters()
  private var framesThrottled = 0
  private var sourceFailures = 0
  /// Told when ``watching`` or ``isSourceLost`` may be another.
  var onChange: @Sendable () -> Void = {}
  /// Told that the source failed, and who has no picture for it.
  var onFailure: @Sendable (_ failure: CommandError, _ viewers: [JID]) -> Void = { _, _ in }

  nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

  init(_ video: VideoConfiguration, on eventLoop: any EventLoop, logger: Logger) {
    self.video = video
    self.eventLoop = eventLoop
    self.logger = logger
  }

  /// A feed for a call that is yet to be made; ``join(_:_:)`` follows.
  func makeFeed() -> BroadcastFeed {
    nextID += 1
    return BroadcastFeed(id: nextID, of: self)
  }

  /// The source is made ready while the call is set up.
  func join(_ feed: BroadcastFeed, _ call: CallDriver) {
    viewers[feed.id] = Viewer(call: call, keyFrames: KeyFrameBudget(now: .now()))
    bitrates.join(feed.id)
    applyBitrates()
    openSource()
  }

  func count(into snapshot: inout MetricsSnapshot) {
    snapshot.isCameraPresent = snapshot.isCameraPresent && !isSourceLost
    snapshot.video = formerCounters + counters
    snapshot.targetBitrate = counters.targetBitrate
    snapshot.framesThrottled = framesThrottled
    snapshot.sourceFailures = sourceFailures
    snapshot.watching = watching
  }

  var watching: Int { viewers.values.count(where: \.isWatching) }

  // MARK: What a viewer asks

  func start(_ id: Int) {
    viewers[id]?.isWatching = true
    control?.start()
    requestKeyFrame(for: id)
    onChange()
  }

  func requestKeyFrame(for id: Int) {
    guard var viewer = viewers[id] else { return }
    let isGranted = viewer.keyFrames.take(watching: watching, now: .now())
    viewers[id] = viewer
    if isGranted { control?.requestKeyFrame() }
  }

  func capBitrate(_ bitsPerSecond: Int, for id: Int) {
    bitrates.cap(id, to: bitsPerSecond)
    applyBitrates()
  }

  func leave(_ id: Int) {
    guard viewers.removeValue(forKey: id) != nil else { return }
    bitrates.leave(id)
    applyBitrates()
    onChange()
    closeUnused()
  }

  private func applyBitrates() {
    control?.capBitrate(bitrates.limit)
    control?.isLayered = bitrates.isAnyThrottled
  }

  // MARK: A picture

  /// The next picture as JPEG. Where nobody watches, the source is opened for it.
  func takeSnapshot() -> EventLoopFuture<ByteBuffer> {
    if let snapshot { return snapshot.promise.futureResult }
    let promise = eventLoop.makePromise(of: ByteBuffer.self)
    let timer = eventLoop.scheduleTask(in: Self.snapshotTimeout) {
      self.assumeIsolated { $0.answerSnapshot(.failure(Self.noPicture)) }
    }
    snapshot = (promise, timer)
    if control == nil { openSource() } else { askForSnapshot() }
    return promise.futureResult
  }

  static let noPicture = CommandError("the camera gives no picture", .unavailable)

  private func askForSnapshot() {
    guard snapshot != nil else { return }
    control?.requestSnapshot()
    control?.start()
  }

  private func answerSnapshot(_ result: Result<ByteBuffer, CommandError>) {
    guard let (promise, timer) = snapshot.take() else { return }
    timer.cancel()
    promise.completeWith(result.mapError { $0 })
    closeUnused()
  }

  // MARK: The source

  private var isUsed: Bool { !viewers.isEmpty || snapshot != nil }

  private func closeUnused() {
    guard !isUsed, let control, !isEnding else { return }
    isEnding = true
    control.stop()
  }

  /// The next viewer may find it well.
  func forgetLoss() {
    isSourceLost = false
  }

  private func openSource() {
    guard control == nil, isUsed else { return }
    let control = EncoderControl()
    self.control = control
    applyBitrates()
    let (video, eventLoop, logger) = (video, eventLoop, logger)
    VideoThread.start(
      making: { () throws(CommandError) in
        let pump = try VideoPump.make(video, control: control, logger: logger, trouble: { logger.warning("\($0)") })
        pump.onSnapshot = { picture in
          let result = picture.map { Result.success($0) } ?? .failure(Self.noPicture)
          eventLoop.execute { self.assumeIsolated { $0.answerSnapshot(result) } }
        }
        return pump
      },
      deliver: { frame, counters in
        eventLoop.execute { self.assumeIsolated { $0.deliver(frame, counters) } }
      },
      ended: { error in
        eventLoop.execute { self.assumeIsolated { $0.sourceEnded(error) } }
      })
    if watching > 0 { control.start() }
    askForSnapshot()
  }

  func setBitrate(_ bitsPerSecond: Int) {
    video.bitrate = bitsPerSecond
    control?.setBitrate(bitsPerSecond)
    applyBitrates()
  }

  /// The source as ``video`` has it now, for those who watch. False: it is closed.
  func reopen() -> Bool {
    guard let control, isUsed else { return false }
    isEnding = true
    control.stop()
    return true
  }

  private func deliver(_ frame: EncodedFrame, _ counters: VideoCounters) {
    pictureSize = (frame.width, frame.height)
    self.counters = counters
    if isSourceLost {
      isSourceLost = false
      onChange()
    }
    let size = frame.data.readableBytes
    if bitrates.add(bytes: size, temporalLayer: frame.temporalLayer, at: frame.captureTime) { applyBitrates() }
    for (id, viewer) in viewers where viewer.isWatching {
      guard bitrates.isFor(id, temporalLayer: frame.temporalLayer) else {
        framesThrottled += 1
        continue
      }
      viewer.call.assumeIsolated { $0.send(frame, counters) }
    }
  }

  private func sourceEnded(_ error: (any Error)?) {
    let wasAsked = isEnding
    formerCounters = formerCounters + counters
    counters = VideoCounters()
    control = nil
    pictureSize = nil
    isEnding = false
    if let error {
      isSourceLost = true
      sourceFailures += 1
      onChange()
      logger.error("\(error)")
    }
    guard wasAsked, error == nil else {
      answerSnapshot(.failure(error as? CommandError ?? Self.noPicture))
      if let failure = error as? CommandError {
        onFailure(failure, viewers.values.map { viewer in viewer.call.assumeIsolated { $0.peer } })
      }
      for viewer in viewers.values {
        viewer.call.assumeIsolated { $0.sourceEnded(error) }
      }
      return
    }
    // Whoever called in the meantime.
    openSource()
  }
}
