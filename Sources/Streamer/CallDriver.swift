import Call
import Capture
import ICE
import Jingle
import Logging
import NIOCore
import Network
import Peer
import RTP
import SRTP
import Sound
import Studio
import Video
import XMPP

/// What a ``Call`` needs of this computer: the sockets and the clock (by its ``EngineDriver``), the XMPP stream, the source
/// of its pictures, and somebody who is told how it goes. Its executor is the event loop of the stream and the sockets.
package actor CallDriver: FrameSink {
  let setup: Setup
  private let eventLoop: any EventLoop
  private let reporter: any Reporter
  private let logger: Logger
  private let feed: any VideoFeed
  /// By which the peer is heard; nil if there is no loudspeaker, or if the peer may not speak, or not any more.
  private var voice: SpeakerVoice?
  private let engine: EngineDriver<Call>
  private var unreadable = UnreadableReport()
  private var limitReport = PictureLimitReport()
  private var soundLoss = SoundLoss()
  /// What on our side ended it, where something did.
  private var failure: StreamError?
  private var result: CallResult?
  private var finished: CheckedContinuation<Void, Never>?

  package nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

  package init(
    _ setup: Setup, _ signalling: Signalling, certificate: Certificate, feed: any VideoFeed,
    on eventLoop: any EventLoop, reporter: any Reporter, logger: Logger
  ) {
    self.setup = setup
    self.eventLoop = eventLoop
    self.reporter = reporter
    self.logger = logger
    self.feed = feed
    isForSoundAlone = signalling.isForSoundAlone
    voice = setup.voice
    var configuration = Call.Configuration(
      certificate: certificate, clock: SessionClock(now: .now(), wallClock: .now))
    configuration.isOneWay = setup.oneWay
    configuration.duration = setup.duration
    configuration.formerRate = setup.formerRate
    configuration.hearsPeer = setup.voice != nil
    // Of one who may not speak any more it still tells what was heard.
    configuration.playout = setup.voice.map { voice in
      { @Sendable in (CallStatistics.DecodedSound(voice.counters), CallStatistics.Playout(voice.speaker)) }
    }
    engine = EngineDriver(
      Call(signalling, configuration) { SystemRandomNumberGenerator() }, on: eventLoop, caFile: setup.caFile)
  }

  // MARK: The course of a call

  /// Calls or answers, streams, and returns when all is over.
  package func run() async -> FinishedCall {
    await engine.deliver { [weak self] event in self?.assumeIsolated { $0.handle(event) } }
    // Beside this: a call that is over waits neither for servers nor for a source.
    Task { await begin() }
    await withCheckedContinuation { continuation in
      if result == nil {
        finished = continuation
      } else {
        continuation.resume()
      }
    }
    feed.leave()
    silence()
    await engine.close()
    return FinishedCall(result: result ?? CallResult(outcome: .hungUp), failure: failure)
  }

  private func begin() async {
    do throws(StreamError) {
      let ice = try await setup.ice()
      guard outcome == nil else { return }
      let hasSound = await setup.hasSound()
      guard outcome == nil else { return }
      with { $0.begin(ice, hasSound: hasSound, now: .now()) }
    } catch {
      fail(error)
    }
  }

  /// Ctrl-C: retracts while it rings, hangs up afterwards.
  package func interrupt() { with { $0.interrupt(now: .now()) } }

  package func terminate(_ reason: Reason) { with { $0.terminate(reason, now: .now()) } }

  /// The peer may not speak any more.
  package func stopHearing() {
    with { $0.stopHearing() }
    silence()
  }

  private func silence() {
    voice?.leave()
    // What was received before and is told of after this would make the loudspeaker wait for more.
    voice = nil
  }

  /// The credentials that were given at the beginning are about to lapse.
  package func renewCredentials(of servers: [ICEServer]) { with { $0.renewCredentials(of: servers) } }

  /// Whether the peer's server says that the device is there.
  package func setAvailable(_ isAvailable: Bool) { with { $0.setAvailable(isAvailable, now: .now()) } }

  /// False: the stanza is not of this call.
  package func receive(_ stanza: XMLElement) -> Bool { with { $0.receive(stanza, now: .now()) } }

  /// Something on our side ends the call at once, without a word to the peer.
  func fail(_ error: StreamError) {
    guard outcome == nil else { return }
    failure = error
    with { $0.abandon(now: .now()) }
  }

  // MARK: FrameSink

  package nonisolated func send(_ frame: EncodedFrame, _ counters: VideoCounters) {
    let (picture, source) = (RTPFrame(frame), MediaSourceStatistics(counters, of: frame))
    engine.assumeIsolated { driver in
      let isCongested = driver.isCongested
      driver.with { _ = $0.send(picture, source: source, isCongested: isCongested, now: .now()) }
    }
  }

  package nonisolated func send(_ sound: EncodedSound, _ counters: SoundCounters) {
    let source = CallStatistics.SoundSource(counters)
    let frame = RTPFrame(payload: sound.data, captureTime: sound.captureTime, isKeyFrame: false)
    engine.assumeIsolated { driver in
      // What a stalled connection to a relay would bring later is of no use.
      guard !driver.isCongested else { return }
      driver.with { $0.send(sound: frame, source: source, now: .now()) }
    }
  }

  package nonisolated func skip(_ frame: EncodedFrame, _ counters: VideoCounters) {
    let source = MediaSourceStatistics(counters, of: frame)
    engine.assumeIsolated { $0.with { $0.throttle(source: source) } }
  }

  package nonisolated func sourceEnded(_ error: StudioError?) {
    assumeIsolated { driver in
      guard driver.outcome == nil else { return }
      driver.failure = error.map { .source($0) }
      driver.with { $0.sourceEnded(isFailure: error != nil, now: .now()) }
    }
  }

  // MARK: What it is like

  /// The device at the other end, or its account before the device is known.
  package var peer: JID { read { $0.peer } }
  package var outcome: CallOutcome? { read { $0.outcome } }
  /// Whether the call is for sound and no picture.
  package nonisolated let isForSoundAlone: Bool
  /// Nothing was heard of the peer for some seconds.
  package var isPathLost: Bool { read { $0.isPathLost } }
  package var streamingSince: NIODeadline? { read { $0.streamingSince } }
  /// A second old at most.
  package var latestStatistics: CallStatistics? { read { $0.latestStatistics } }
  /// What is known at this moment; nil while no pictures are sent.
  func statistics(now: NIODeadline) -> CallStatistics? { read { $0.statistics(now: now) } }

  private func with<Result: Sendable>(_ body: @Sendable (Call) -> Result) -> Result {
    engine.assumeIsolated { $0.with(body) }
  }

  private func read<Result: Sendable>(_ body: @Sendable (Call) -> Result) -> Result {
    engine.assumeIsolated { $0.read(body) }
  }

  // MARK: What it tells

  func handle(_ event: Call.Event) {
    switch event {
    case .stanza(let stanza): setup.send(stanza)
    case .endpointsWanted: Task { await openEndpoints() }
    case .nameToResolve(let request): Task { await resolve(request) }
    case .ringing: reporter.report(.ringing, detail: nil)
    case .calling: reporter.report(.calling, detail: peer.description)
    case .connecting(let device): reporter.report(.connecting, detail: device.description)
    case .streaming:
      reporter.report(.streaming, detail: nil)
      feed.start()
    case .soundWanted(let isWanted): feed.setListening(isWanted)
    case .keyFrameRequested: feed.requestKeyFrame()
    case .targetBitrate(let bitrate, let stable): feed.capBitrate(bitrate, stable: stable)
    case .soundReceived(let packet): voice?.play(ReceivedSound(packet))
    case .statistics(let statistics):
      reporter.report(statistics)
      limitReport.update(PictureLimit(statistics)).map(reporter.report)
      feed.setPathRate(statistics.candidatePair.availableOutgoingBitrate)
      guard let remote = statistics.remoteInboundSound else { return }
      soundLoss.update(remote.fractionLost, reportsReceived: remote.reportsReceived)
      feed.setSoundLoss(soundLoss.share)
    case .ended(let result):
      self.result = result
      finished?.resume()
      finished = nil
    case .signalled, .candidateError, .iceStateChange, .selectedPairChange, .iceRestart, .iceRestartRefused: log(event)
    }
  }

  private func log(_ event: Call.Event) {
    switch event {
    // The case's name alone: the rest holds addresses and passwords, and people paste logs into bug reports.
    case .signalled(let event):
      logger.debug("signalling", metadata: ["event": "\("\(event)".prefix(while: \.isLetter))"])
      unreadable.tell(event.unreadable, to: logger)
    case .candidateError(let error): logger.notice("\(error.line)")
    case .iceStateChange(let kind, let state):
      logger.info("ICE", metadata: ["content": "\(kind)", "state": "\(state)"])
    case .selectedPairChange(let kind, let pair):
      logger.info("path", metadata: ["content": "\(kind)", "pair": "\(pair.text)"])
    case .iceRestart(let kind):
      logger.notice("the network path is lost, looking for another", metadata: ["content": "\(kind)"])
    case .iceRestartRefused(let kind):
      logger.notice("the viewer's client supports no ICE restart", metadata: ["content": "\(kind)"])
    default: break
    }
  }

  private func openEndpoints() async {
    do {
      try await engine.open(addresses: setup.addresses())
      await engine.watchInterfaces(setup.addresses)
      with { $0.endpointsOpened(now: .now()) }
    } catch {
      logger.error("\(StreamError.noNetwork)")
      failure = failure ?? .noNetwork
      with { $0.endpointsFailed(now: .now()) }
    }
  }

  private func resolve(_ request: CandidateNames.Request) async {
    let address = await CandidateResolver(resolver: HostResolver(on: eventLoop)).address(of: request)
    with { $0.resolved(request, to: address, now: .now()) }
  }
}

extension CandidateError {
  /// One line for people.
  var line: String { "\(url): \(FailureReport(error).line)" }
}

extension CallEvent {
  /// What of it could not be read, and was left out.
  fileprivate var unreadable: [JingleError] {
    switch self {
    case .accepted(let contents, _), .offered(let contents, _): contents.flatMap(\.skipped)
    case .transportInfo(_, let transport), .iceRestart(_, let transport): transport.skipped
    case .unreadable(let error): [error]
    default: []
    }
  }
}

extension RTPFrame {
  fileprivate init(_ frame: EncodedFrame) {
    self.init(
      payload: frame.data, captureTime: frame.captureTime, isKeyFrame: frame.isKeyFrame,
      temporalLayer: frame.temporalLayer)
  }
}

extension CallStatistics.SoundSource {
  fileprivate init(_ counters: SoundCounters) {
    self.init(
      audioLevel: counters.audioLevel, totalAudioEnergy: counters.totalAudioEnergy,
      totalSamplesDuration: counters.totalSamplesDuration, overruns: counters.microphone.overruns,
      losses: counters.microphone.losses, drift: counters.drift,
      echoReturnLossEnhancement: counters.echoReturnLossEnhancement)
  }
}

extension CallStatistics.DecodedSound {
  fileprivate init(_ counters: PlayoutCounters) {
    self.init(
      packetsDiscarded: counters.packetsDiscarded, totalSamplesReceived: counters.totalSamplesReceived,
      concealedSamples: counters.concealedSamples, concealmentEvents: counters.concealmentEvents,
      jitterBufferDelay: counters.jitterBufferDelay,
      jitterBufferEmittedCount: counters.jitterBufferEmittedCount,
      insertedSamplesForDeceleration: counters.insertedSamplesForDeceleration,
      removedSamplesForAcceleration: counters.removedSamplesForAcceleration, audioLevel: counters.audioLevel)
  }
}

extension CallStatistics.Playout {
  fileprivate init(_ speaker: Speaker) {
    let playout = speaker.playout
    self.init(
      totalSamplesCount: playout.totalSamplesCount, totalPlayoutDelay: playout.totalPlayoutDelay,
      underruns: speaker.counters.underruns, drift: speaker.drift)
  }
}

extension ReceivedSound {
  fileprivate init(_ packet: InboundRTPPacket) {
    self.init(
      generation: packet.generation, sequenceNumber: packet.sequenceNumber, timestamp: packet.timestamp,
      data: packet.payload, arrivalTime: packet.arrivalTime)
  }
}

extension MediaSourceStatistics {
  fileprivate init(_ counters: VideoCounters, of frame: EncodedFrame) {
    self.init()
    width = counters.sourceSize.width
    height = counters.sourceSize.height
    frameWidth = frame.width
    frameHeight = frame.height
    framesCaptured = counters.framesCaptured
    framesSkipped = counters.source.framesSkipped
    framesCorrupt = counters.source.framesCorrupt
    let encoding = counters.encoding
    framesEncoded = encoding.framesEncoded
    keyFramesEncoded = encoding.keyFramesEncoded
    totalEncodeTime = encoding.totalEncodeTime
    lastEncodeTime = encoding.lastEncodeTime
    targetBitrate = encoding.targetBitrate
    quantizerSum = encoding.quantizerSum
    let limitation = encoding.qualityLimitation
    qualityLimitationReason = limitation.reason.rawValue
    qualityLimitationDurations = .init(
      none: limitation[.none].seconds, cpu: limitation[.cpu].seconds, bandwidth: limitation[.bandwidth].seconds)
  }
}

extension Call: NetworkEngine {}
