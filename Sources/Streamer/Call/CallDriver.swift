import Capture
import ICE
import Jingle
import Logging
import NIOCore
import Peer
import RTP
import SRTP
import Video
import XMPP

/// One call, of ours or of a viewer's: what the signalling says goes to the peer connection and back, and the pictures'
/// source is started and steered. Its executor is the event loop of the XMPP stream and the sockets.
actor CallDriver {
  /// From session-accept to a picture. ICE alone may take 39.5 s (RFC 8863 section 4), the handshake then 20 s.
  private static let setupPatience = TimeAmount.seconds(60)

  let eventLoop: any EventLoop
  let setup: Setup
  let certificate: Certificate
  let canonicalName: String
  let reporter: any Reporter
  let logger: Logger
  let feed: any VideoFeed

  var call: any JingleCall
  var ice = ICETransport.Configuration()
  private(set) var peerDriver: PeerDriver?
  private var callTimer: Scheduled<Void>?
  private var statisticsTimer: RepeatedTask?
  private var durationTimer: Scheduled<Void>?
  /// Candidates found before there was a session to tell them in.
  var earlyCandidates: [MediaKind: [ICECandidate]] = [:]
  var isInitiated = false
  /// Of candidates, being resolved.
  var namesUnderWay = 0
  private(set) var isStreaming = false
  var isBundled = false
  private var isMuted = false
  private var isInterrupted = false
  private var isClosedByPeer = false
  /// Nothing was heard of the peer for some seconds.
  private(set) var isPathLost = false {
    didSet { endIfDeserted() }
  }
  /// Whether its server says so. Its stream may come back under the same address (XEP-0198 section 5), and the media do
  /// not need it: the call goes on for as long as the path is alive.
  var peerIsAvailable = true {
    didSet { endIfDeserted() }
  }
  /// The last trouble with a STUN or TURN server: it may be why there is no path.
  private var candidateError: String?
  private var setupTimer: Scheduled<Void>?
  private var acceptedAt: NIODeadline?
  private(set) var streamingSince: NIODeadline?
  private var setupTime: TimeAmount?
  private var statistics = StatisticsCollector()
  private var unreadable = UnreadableReport()
  /// A second old at most.
  var latestStatistics: CallStatistics? { statistics.latest }
  private var failure: CommandError?
  private(set) var outcome: CallOutcome?
  /// The names of the contents, the offer's.
  var contentNames: [MediaKind: String] = [
    .audio: JingleMapping.contentName(of: .audio), .video: JingleMapping.contentName(of: .video),
  ]
  private var finished: CheckedContinuation<Void, Never>?

  nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

  init(
    _ setup: Setup, call: any JingleCall, certificate: Certificate, feed: any VideoFeed, on eventLoop: any EventLoop,
    reporter: any Reporter, logger: Logger
  ) {
    self.setup = setup
    self.call = call
    self.feed = feed
    self.certificate = certificate
    self.eventLoop = eventLoop
    self.reporter = reporter
    self.logger = logger
    // RFC 7022 section 4.2: 96 random bits, so that calls cannot be told to be of one host.
    var generator = SystemRandomNumberGenerator()
    canonicalName = String(generator.next() as UInt64, radix: 36) + String(generator.next() as UInt32, radix: 36)
  }

  // MARK: The course of a call

  /// Calls or answers, streams, and returns when all is over.
  func run() async -> CallResult {
    await begin()
    advance()
    await withCheckedContinuation { continuation in
      if outcome == nil {
        finished = continuation
      } else {
        continuation.resume()
      }
    }
    await closeDown()
    return result()
  }

  /// Ctrl-C: retracts while it rings, hangs up afterwards.
  func interrupt() {
    guard outcome == nil else { return }
    isInterrupted = true
    if isStreaming {
      call.terminate(Reason(.success), now: .now())
    } else {
      call.cancel(now: .now())
    }
    advance()
  }

  /// The credentials that were given at the beginning are about to lapse.
  func renewCredentials(of servers: [ICEServer]) {
    peerDriver?.assumeIsolated { driver in driver.with { $0.renewCredentials(of: servers) } }
  }

  /// False: the stanza is not of this call.
  func receive(_ stanza: XMLElement) -> Bool {
    guard outcome == nil, call.receive(stanza, now: .now()) else { return false }
    advance()
    return true
  }

  /// Something on our side ends the call at once, without a word to the peer.
  func fail(_ error: CommandError) {
    guard outcome == nil else { return }
    failure = error
    finish(.hungUp)
  }

  /// The connection for these media; its sockets are opened by ``open(_:)``.
  func makePeer(_ media: [MediaKind], role: ICERole) -> PeerDriver {
    let connection = PeerConnection(
      configuration: .init(
        ice: ice, role: role, media: media, certificate: certificate, canonicalName: canonicalName,
        clock: SessionClock(now: .now(), wallClock: .now)),
      makeGenerator: { SystemRandomNumberGenerator() })
    let driver = PeerDriver(connection: connection, on: eventLoop, caFile: setup.caFile) { [weak self] event in
      self?.assumeIsolated { $0.handle(event) }
    }
    peerDriver = driver
    return driver
  }

  func open(_ driver: PeerDriver) async throws(CommandError) {
    try await driver.open(addresses: setup.addresses())
    await driver.watchInterfaces(setup.addresses)
  }

  private func closeDown() async {
    feed.leave()
    callTimer?.cancel()
    statisticsTimer?.cancel()
    durationTimer?.cancel()
    setupTimer?.cancel()
    collectStatistics()
    await peerDriver?.close()
  }

  private func result() -> CallResult {
    CallResult(
      outcome: outcome ?? .hungUp, failure: failure, isInterrupted: isInterrupted, candidateError: candidateError,
      setupTime: setupTime, streamingTime: streamingSince.map { .now() - $0 }, statistics: statistics.latest)
  }

  private func finish(_ outcome: CallOutcome) {
    guard self.outcome == nil else { return }
    // Whose goodbye came first, in DTLS or in Jingle, is chance: the peer hung up.
    self.outcome = isClosedByPeer && outcome == .hungUp ? .endedByPeer(Reason(.success)) : outcome
    finished?.resume()
    finished = nil
  }

  // MARK: Signalling

  func advance() {
    while let event = call.pollEvent() {
      handle(event)
    }
    while let stanza = call.pollTransmit() {
      setup.send(stanza)
    }
    callTimer?.cancel()
    callTimer = call.deadline.map { deadline in
      eventLoop.scheduleTask(deadline: deadline) { [weak self] in self?.assumeIsolated { $0.timeout() } }
    }
  }

  private func timeout() {
    call.handleTimeout(now: .now())
    advance()
  }

  private func handle(_ event: CallEvent) {
    // The case's name alone: the rest holds addresses and passwords, and people paste logs into bug reports.
    logger.debug("signalling", metadata: ["event": "\("\(event)".prefix(while: \.isLetter))"])
    switch event {
    case .ringing:
      reporter.report(.ringing, detail: nil)
    case .proceeded(let device):
      initiate(device)
    case .accepted(let contents, let group):
      unreadable.tell(contents.flatMap(\.skipped), to: logger)
      accept(contents, group)
    case .offered(let contents, let group):
      unreadable.tell(contents.flatMap(\.skipped), to: logger)
      answer(contents, group)
    case .transportInfo(let content, let transport):
      unreadable.tell(transport.skipped, to: logger)
      take(transport, content: content, isRestart: false)
    case .iceRestart(let content, let transport):
      unreadable.tell(transport.skipped, to: logger)
      take(transport, content: content, isRestart: true)
    case .unreadable(let error):
      unreadable.tell([error], to: logger)
    case .iceRestartRefused(let content):
      iceRestartRefused(content: content)
    case .ended(let outcome):
      finish(outcome)
    case .sendersChanged(let content, let senders) where kind(ofContent: content) == .video:
      mute(senders == .none || senders == (call is IncomingCall ? .initiator : .responder))
    case .contentRemoved(let content) where kind(ofContent: content) == .video:
      call.terminate(Reason(.success), now: .now())
    case .proposed, .sendersChanged, .sendersRefused, .descriptionInfo, .contentRemoved, .info:
      break
    }
  }

  /// Who is at the other end.
  var peer: JID { call.peer }

  func kind(ofContent name: String) -> MediaKind? {
    contentNames.first { $0.value == name }?.key
  }

  /// Both sides know what they need of each other: there is a picture soon, or none.
  func expectPicture() {
    acceptedAt = .now()
    setupTimer = eventLoop.scheduleTask(in: Self.setupPatience) { [weak self] in
      self?.assumeIsolated { $0.end(for: .connectivity) }
    }
  }

  // MARK: Media

  private func handle(_ event: PeerConnection.Event) {
    switch event {
    case .localCandidate(let kind, let candidate):
      tell(candidate, of: kind)
    case .candidateError(let url, let error):
      let line = "\(url): \(FailureReport(error).line)"
      candidateError = line
      logger.notice("\(line)")
    case .iceStateChange(let kind, let state):
      logger.info("ICE", metadata: ["content": "\(kind)", "state": "\(state)"])
      // The sound may have a path of its own, which nobody misses.
      if kind == .video || isBundled { takePathState(state) }
    case .selectedPairChange(let kind, let pair):
      logger.info("path", metadata: ["content": "\(kind)", "pair": "\(pair.text)"])
    case .iceRestart(let kind):
      restartICE(of: kind)
    case .videoWritable:
      startStreaming()
    case .keyFrameRequested:
      feed.requestKeyFrame()
    case .maximumBitrate(let bitrate):
      feed.capBitrate(bitrate)
    case .failed(let error):
      end(for: error)
    }
    advance()
  }

  private func takePathState(_ state: ICETransportState) {
    switch state {
    case .disconnected, .failed: isPathLost = true
    case .connected, .completed: isPathLost = false
    // A restart looks for another path at once, and the peer is as silent as before.
    case .new, .checking, .closed: break
    }
  }

  private func end(for error: PeerError) {
    let reason = JingleMapping.reason(for: error)
    if error == .closedByPeer {
      // The session-terminate that says why is usually right behind.
      isClosedByPeer = true
      eventLoop.scheduleTask(in: .milliseconds(500)) { [weak self] in self?.assumeIsolated { $0.terminate(reason) } }
    } else {
      terminate(reason)
    }
  }

  /// A client that died says no goodbye, and consent lasts for half a minute more.
  private func endIfDeserted() {
    guard !peerIsAvailable, isPathLost, outcome == nil else { return }
    terminate(Reason(.gone))
  }

  func terminate(_ reason: Reason) {
    call.terminate(reason, now: .now())
    advance()
  }

  /// The peer wants no picture for a while, or wants it again.
  private func mute(_ isMuted: Bool) {
    self.isMuted = isMuted
    if !isMuted { feed.requestKeyFrame() }
  }

  private func startStreaming() {
    guard !isStreaming else { return }
    isStreaming = true
    setupTimer?.cancel()
    streamingSince = .now()
    reporter.report(.streaming, detail: nil)
    feed.requestKeyFrame()
    feed.start()
    if call is OutgoingCall, !setup.oneWay, !isBundled { askForOneWay() }
    statisticsTimer = eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { [weak self] _ in
      self?.assumeIsolated { driver in
        driver.collectStatistics()
        driver.statistics.latest.map(driver.reporter.report)
      }
    }
    if let duration = setup.duration {
      durationTimer = eventLoop.scheduleTask(in: duration) { [weak self] in self?.assumeIsolated { $0.sourceEnded(nil) }
      }
    }
  }

  /// Nobody looks at what the viewer would send: a phone need not upload it. Only those who do not bundle are asked:
  /// Dino follows, while Conversations, called, ends the call at a content-modify to `initiator`, and it bundles.
  private func askForOneWay() {
    for kind in [MediaKind.audio, .video] {
      call.modifySenders(content: contentNames[kind] ?? kind.rawValue, to: .initiator, now: .now())
    }
  }

  /// One frame from the video thread, on the event loop.
  func send(_ frame: EncodedFrame, _ counters: VideoCounters) {
    guard outcome == nil else { return }
    statistics.counters = counters
    statistics.size = (frame.width, frame.height)
    guard !isMuted else { return }
    if setupTime == nil, let acceptedAt { setupTime = .now() - acceptedAt }
    peerDriver?.assumeIsolated {
      $0.send(RTPFrame(payload: frame.data, captureTime: frame.captureTime, isKeyFrame: frame.isKeyFrame))
    }
    statistics.frameSent(captureTime: frame.captureTime, counters: counters, now: .now())
  }

  /// The video thread is done: at the end of the source, or for an error.
  func sourceEnded(_ error: (any Error)?) {
    guard outcome == nil else { return }
    if let error {
      failure =
        (error as? CommandError) ?? (error as? CaptureError).map(CommandError.init)
        ?? CommandError(
          "the video cannot be sent: \((error as? VideoError)?.description ?? "\(type(of: error))")", .software)
      call.terminate(Reason(.mediaError), now: .now())
    } else {
      call.terminate(Reason(.success), now: .now())
    }
    advance()
  }

  private func collectStatistics() {
    var collector = statistics
    let updated = peerDriver?.assumeIsolated { driver in
      driver.with { connection in
        collector.update(from: connection, now: .now())
        return collector
      }
    }
    if let updated { statistics = updated }
  }
}
