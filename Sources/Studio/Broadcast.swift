import Capture
import NIOCore
import Video

/// One source for all who watch, or ask for a picture, and as many encodes as their networks ask for and the host can
/// make: opened when the first viewer calls, closed when the last has gone. Its sound is encoded once for all.
package actor Broadcast {
  struct Viewer {
    var sink: any FrameSink
    /// Whether there are pictures in the call, and not sound alone.
    let seesPictures: Bool
    var isWatching = false
    /// Whether the call carries sound, and the viewer has neither muted it nor put the call on hold.
    var wantsSound = false
    var isListening: Bool { isWatching && wantsSound }
    var keyFrames: KeyFrameBudget
    /// The share of the sound's packets that are lost.
    var soundLoss = SoundControl.presumedLoss
    /// What the path carries, in bits per second; nil if nobody knows.
    var pathRate: Int?
  }

  let eventLoop: any EventLoop
  private let makeClock: @Sendable () -> sending VideoPump.Clock
  let openMicrophone: OpenMicrophone
  /// What a loudspeaker plays beside the microphone; nil if there is none.
  let echo: EchoPath?
  /// The source and the size and rate of its pictures, which are read when the source is opened. Another microphone is
  /// opened at once.
  package var video: VideoConfiguration {
    didSet { soundChanged(from: oldValue) }
  }
  var sound = BroadcastSound()
  private var lanes: Lanes
  var viewers: [Int: Viewer] = [:]
  private var nextID = 0
  /// The control of the video thread; nil while there is none.
  private(set) var control: EncoderControl?
  /// The thread was told to stop and holds the camera still.
  private(set) var isEnding = false
  /// It could not be opened, or failed, the last time somebody wanted to watch.
  package private(set) var isSourceLost = false
  /// The size of the best lane's last frame; nil while the source is closed.
  package private(set) var pictureSize: PictureSize?
  /// Who waits for a picture, and who is told where none comes.
  private var snapshot: (promise: EventLoopPromise<ByteBuffer>, timer: Scheduled<Void>)?
  /// The time that a snapshot may take, more than a camera needs to open and to give a first picture.
  private static let snapshotTimeout = TimeAmount.seconds(10)
  private var tally = Tally()
  /// Is called on the event loop and on the video thread.
  package var onEvent: @Sendable (Event) -> Void = { _ in }

  /// What was counted since the beginning, over all the times that the source was open.
  private struct Tally {
    var source = VideoCounters()
    private var formerSources = VideoCounters()
    private(set) var failures = 0

    var video: VideoCounters { formerSources + source }

    mutating func sourceEnded(isFailure: Bool) {
      formerSources = video
      source = VideoCounters()
      if isFailure { failures += 1 }
    }
  }

  package enum Event: Sendable {
    /// ``Broadcast/watching`` or ``Broadcast/isSourceLost`` may be another.
    case changed
    /// Why the source has no picture of its own; `nil`: it has one again.
    case trouble(SourceTrouble?)
    /// Why there is no sound from the microphone; `nil`: there is sound again.
    case microphoneTrouble(MicrophoneError?)
    /// What a person should know of the source, each time that it is opened.
    case remark(String)
    /// What helps whoever looks into the behaviour of the source.
    case detail(String)
    /// The source could not be opened, or failed; its sinks hear of it afterwards.
    case failed(StudioError)
  }

  /// Opens the microphone of that name, or nil for the camera's own, or else the first.
  package typealias OpenMicrophone =
    @Sendable (_ name: String?, _ camera: String?) throws(MicrophoneError) -> MicrophoneSource

  package nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

  /// - Parameters:
  ///   - echo: what a loudspeaker plays, which is taken out of the microphone's sound; nil if there is none.
  ///   - makeClock: is called on each video thread.
  ///   - openMicrophone: is called on each sound thread.
  package init(
    _ video: VideoConfiguration, without echo: EchoPath? = nil, on eventLoop: any EventLoop,
    makeClock: @escaping @Sendable () -> sending VideoPump.Clock = { .monotonic },
    openMicrophone: @escaping OpenMicrophone = SoundFactory.openMicrophone
  ) {
    self.video = video
    self.echo = echo
    self.makeClock = makeClock
    self.openMicrophone = openMicrophone
    lanes = Lanes(
      count: video.limits.isFixed ? 1 : LaneAssignment.most, maximumBitrate: video.limits.maximumBitrate)
    self.eventLoop = eventLoop
  }

  /// A feed for a call that is yet to be made; ``join(_:_:)`` follows.
  package func makeFeed() -> BroadcastFeed {
    nextID += 1
    return BroadcastFeed(id: nextID, of: self)
  }

  /// The source is made ready while the call is set up.
  ///
  /// - Parameter seesPictures: whether there are pictures in the call, and not sound alone.
  package func join(_ feed: BroadcastFeed, _ sink: any FrameSink, seesPictures: Bool = true) {
    viewers[feed.id] = Viewer(sink: sink, seesPictures: seesPictures, keyFrames: KeyFrameBudget(now: .now()))
    openSource()
  }

  package var statistics: BroadcastStatistics {
    BroadcastStatistics(
      video: tally.video, sound: sound.counters, sourceFailures: tally.failures, watching: watching)
  }

  package var watching: Int { viewers.values.count(where: \.isWatching) }

  // MARK: What a viewer asks

  func start(_ id: Int) {
    viewers[id]?.isWatching = true
    if viewers[id]?.seesPictures == true { show(id) }
    applyListeners()
    listen()
    onEvent(.changed)
  }

  private func show(_ id: Int) {
    lanes.start(id, now: .now())
    // Before the start: else the first picture may be encoded in between, and the second is another key frame.
    requestKeyFrame(for: id)
    applyLanes()
    control?.open()
  }

  func requestKeyFrame(for id: Int) {
    guard var viewer = viewers[id] else { return }
    let isGranted = viewer.keyFrames.take(watching: watching, now: .now())
    viewers[id] = viewer
    if isGranted, let lane = lanes.lane(of: id) { control?.lanes[lane].requestKeyFrame() }
  }

  func capBitrate(_ bitsPerSecond: Int, stable: Int, for id: Int) {
    guard viewers[id]?.seesPictures == true else { return }
    lanes.cap(id, to: bitsPerSecond, stable: stable, now: .now())
    applyLanes()
  }

  func leave(_ id: Int) {
    guard viewers.removeValue(forKey: id) != nil else { return }
    lanes.leave(id)
    applyLanes()
    onEvent(.changed)
    applyListeners()
    closeUnusedMicrophone()
    closeUnused()
  }

  private func applyLanes() {
    guard let control else { return }
    for (index, lane) in control.lanes.enumerated() {
      if let (target, stable) = lanes.limit(of: index) { lane.capBitrate(target, stable: stable) }
      lane.isLayered = lanes.isLayered(index)
      // Last: its first key frame is to have the bitrate.
      lane.isOpen = lanes.isOpen(index)
    }
    for lane in lanes.takeKeyFrameRequests() { control.lanes[lane].requestKeyFrame() }
  }

  // MARK: A picture

  /// The next picture as JPEG. Where nobody watches, the source is opened for it.
  package func takeSnapshot() -> EventLoopFuture<ByteBuffer> {
    if let snapshot { return snapshot.promise.futureResult }
    let promise = eventLoop.makePromise(of: ByteBuffer.self)
    let timer = eventLoop.scheduleTask(in: Self.snapshotTimeout) {
      self.assumeIsolated { $0.answerSnapshot(.failure(.noPicture)) }
    }
    snapshot = (promise, timer)
    if control == nil { openSource() } else { askForSnapshot() }
    return promise.futureResult
  }

  private func askForSnapshot() {
    guard snapshot != nil else { return }
    control?.requestSnapshot()
    control?.open()
  }

  private func answerSnapshot(_ result: Result<ByteBuffer, StudioError>) {
    guard let (promise, timer) = snapshot.take() else { return }
    timer.cancel()
    promise.completeWith(result.mapError { $0 })
    closeUnused()
  }

  // MARK: The source

  private var isUsed: Bool { viewers.values.contains(where: \.seesPictures) || snapshot != nil }

  private func closeUnused() {
    guard !isUsed, let control, !isEnding else { return }
    isEnding = true
    control.stop()
  }

  /// The next viewer may find it well.
  package func forgetLoss() {
    isSourceLost = false
  }

  private func openSource() {
    guard control == nil, isUsed else { return }
    if lanes.isUnused {
      // The settings may be others than the last time.
      lanes = Lanes(
        count: video.limits.isFixed ? 1 : LaneAssignment.most, maximumBitrate: video.limits.maximumBitrate)
    }
    let control = EncoderControl(lanes: lanes.count)
    self.control = control
    applyListeners()
    applyLanes()
    var video = video
    // A microphone has a life of its own: no trouble of the camera's is its own, and it is not opened for a snapshot.
    if video.sound.isMicrophone { video.sound = .none }
    let (eventLoop, onEvent, makeClock) = (eventLoop, onEvent, makeClock)
    VideoThread.start(
      making: { [video] () throws(StudioError) in
        // Asks the file system, which may take its time.
        let isFile = SourceFactory.isFile(video.source)
        if !isFile {
          eventLoop.execute { self.assumeIsolated { $0.sound.sourceIsSilent() } }
        }
        let pump = try VideoPump.make(
          video, control: control, clock: makeClock(), onRemark: { onEvent(.remark($0)) },
          onDetail: { onEvent(.detail($0)) })
        let hasSound = pump.hasSound
        let place = SoundPlace(source: video.source, camera: pump.cameraPath.flatMap(CameraFinder.node))
        eventLoop.execute { self.assumeIsolated { $0.sourceOpened(place, isFile: isFile, hasSound: hasSound) } }
        pump.onTrouble = { onEvent(.trouble($0)) }
        pump.onSnapshot = { picture in
          let result: Result<ByteBuffer, StudioError> = picture.map { .success($0) } ?? .failure(.noPicture)
          eventLoop.execute { self.assumeIsolated { $0.answerSnapshot(result) } }
        }
        return pump
      },
      deliver: { frame, counters in
        eventLoop.execute { self.assumeIsolated { $0.deliver(frame, counters) } }
      },
      deliverSound: { sound, counters in
        eventLoop.execute { self.assumeIsolated { $0.deliver(sound, counters, of: control) } }
      },
      ended: { error in
        eventLoop.execute { self.assumeIsolated { $0.sourceEnded(error) } }
      })
    if viewers.values.contains(where: { $0.isWatching && $0.seesPictures }) { control.open() }
    askForSnapshot()
  }

  package func setBitrate(_ bitsPerSecond: Int) {
    video.limits.maximumBitrate = bitsPerSecond
    control?.setBitrate(bitsPerSecond)
    lanes.maximumBitrate = bitsPerSecond
  }

  /// The source as ``video`` has it now, for those who watch. False: it is closed.
  package func reopen() -> Bool {
    guard let control, isUsed else { return false }
    isEnding = true
    control.stop()
    return true
  }

  private func deliver(_ frame: EncodedFrame, _ counters: VideoCounters) {
    if isSourceLost {
      isSourceLost = false
      onEvent(.changed)
    }
    for (id, viewer) in viewers {
      switch lanes.share(of: id, in: frame, counters) {
      case .nothing: break
      case .skipped(let frame, let counters): viewer.sink.skip(frame, counters)
      case .sent(let frame, let counters): viewer.sink.send(frame, counters)
      }
    }
    lanes.encoded(frame, counters, now: .now())
    applyLanes()
    tally.source = counters
    tally.source.encoding = lanes.total
    if counters.encoding.targetBitrate >= tally.source.encoding.targetBitrate {
      pictureSize = PictureSize(width: frame.width, height: frame.height)
    }
  }

  private func sourceEnded(_ error: StudioError?) {
    let wasAsked = isEnding
    tally.sourceEnded(isFailure: error != nil)
    lanes.sourceEnded()
    sound.sourceEnded()
    control = nil
    pictureSize = nil
    isEnding = false
    if let error {
      isSourceLost = true
      onEvent(.changed)
      onEvent(.failed(error))
    }
    if wasAsked, error == nil {
      // Whoever called in the meantime.
      openSource()
    } else {
      answerSnapshot(.failure(error ?? .noPicture))
      for (id, viewer) in viewers where viewer.seesPictures {
        // Its call is over: the microphone is not opened for it.
        viewers[id]?.wantsSound = false
        viewer.sink.sourceEnded(error)
      }
      closeUnusedMicrophone()
    }
    soundSourceEnded()
  }
}

/// What a ``Broadcast`` has counted, at one moment.
package struct BroadcastStatistics: Sendable {
  /// The sum over all sources so far; the target bitrate is 0 while there is no encoder.
  package var video = VideoCounters()
  /// The same of all openings of a film or a microphone; the level is 0 while there is no sound.
  package var sound = SoundCounters()
  package var sourceFailures = 0
  package var watching = 0
}
