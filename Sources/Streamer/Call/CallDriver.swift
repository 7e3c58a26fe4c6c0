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

/// One outgoing call: what the signalling says goes to the peer connection and back, and the video thread is started
/// and steered. Its executor is the event loop of the XMPP stream and the sockets.
actor CallDriver {
  /// From session-accept to a picture. ICE alone may take 39.5 s (RFC 8863 section 4), the handshake then 20 s.
  private static let setupPatience = TimeAmount.seconds(60)

  let eventLoop: any EventLoop
  private let setup: Setup
  private let certificate: Certificate
  private let canonicalName: String
  private let reporter: any Reporter
  let logger: Logger
  private let control: EncoderControl

  var call: OutgoingCall
  private(set) var peerDriver: PeerDriver?
  private var callTimer: Scheduled<Void>?
  private var statisticsTimer: RepeatedTask?
  private var durationTimer: Scheduled<Void>?
  /// Candidates found before there was a session to tell them in.
  var earlyCandidates: [MediaKind: [ICECandidate]] = [:]
  private(set) var isInitiated = false
  /// Of candidates, being resolved.
  var namesUnderWay = 0
  private var isStreaming = false
  private var isBundled = false
  private var isMuted = false
  private var isInterrupted = false
  private var isClosedByPeer = false
  /// The last trouble with a STUN or TURN server: it may be why there is no path.
  private var candidateError: String?
  private var setupTimer: Scheduled<Void>?
  private var acceptedAt: NIODeadline?
  private var streamingSince: NIODeadline?
  private var setupTime: TimeAmount?
  private var statistics = StatisticsCollector()
  private var failure: CommandError?
  private var outcome: CallOutcome?
  private var finished: CheckedContinuation<Void, Never>?

  nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

  init(
    _ setup: Setup, certificate: Certificate, control: EncoderControl, on eventLoop: any EventLoop,
    reporter: any Reporter, logger: Logger
  ) {
    self.setup = setup
    self.control = control
    self.certificate = certificate
    self.eventLoop = eventLoop
    self.reporter = reporter
    self.logger = logger
    // RFC 7022 section 4.2: 96 random bits, so that calls cannot be told to be of one host.
    var generator = SystemRandomNumberGenerator()
    canonicalName = String(generator.next() as UInt64, radix: 36) + String(generator.next() as UInt32, radix: 36)
    call = OutgoingCall(
      sid: Self.newSessionID(), local: setup.client.jid, peer: setup.peer, media: [.audio, .video],
      configuration: .init(ringTimeout: setup.ringTimeout))
  }

  /// 128 random bits: sids must not be guessed, since they are all that a JMI message names a call by.
  private static func newSessionID() -> String {
    var generator = SystemRandomNumberGenerator()
    return String(generator.next() as UInt64, radix: 36) + String(generator.next() as UInt64, radix: 36)
  }

  // MARK: The course of a call

  /// Calls, streams, and returns when all is over.
  func run() async -> CallResult {
    do throws(CommandError) {
      try await openPeer()
    } catch {
      failure = error
      return result()
    }
    control.capBitrate(Int.max)
    reporter.report(.calling, detail: setup.peer.description)
    call.propose(now: .now())
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

  private func openPeer() async throws(CommandError) {
    let connection = PeerConnection(
      configuration: .init(
        ice: setup.ice, role: .controlling, media: [.audio, .video], certificate: certificate,
        canonicalName: canonicalName, clock: SessionClock(now: .now(), wallClock: .now)),
      makeGenerator: { SystemRandomNumberGenerator() })
    let driver = PeerDriver(connection: connection, on: eventLoop, caFile: setup.caFile) { [weak self] event in
      self?.assumeIsolated { $0.handle(event) }
    }
    peerDriver = driver
    try await driver.open(addresses: setup.addresses())
    await driver.watchInterfaces(setup.addresses)
  }

  func receive(_ stanza: XMLElement) async {
    if !call.receive(stanza, now: .now()) {
      await refuse(stanza)
    }
    advance()
  }

  /// This command takes no calls: contacts hear that we are busy, strangers what a server would say of an account that
  /// is offline.
  private func refuse(_ stanza: XMLElement) async {
    guard let from = stanza.from else { return }
    let subscription = await setup.client.roster()[from.bare]?.subscription
    let isTrusted = from.bare == setup.peer.bare || subscription == .from || subscription == .both
    let answers = IncomingRefusal.answers(to: stanza, isTrusted: isTrusted, reason: Reason(.busy))
    if answers.isEmpty {
      setup.client.refuse(stanza)
    }
    answers.forEach(setup.client.send)
  }

  /// Without its XMPP stream a call cannot be ended properly any more; it ends here.
  func streamEnded() async {
    guard outcome == nil else { return }
    failure =
      await setup.client.closed().map { CommandError($0) }
      ?? CommandError("the connection to the XMPP server was lost during the call; try again", .unavailable)
    finish(.hungUp)
  }

  private func closeDown() async {
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

  private func advance() {
    while let event = call.pollEvent() {
      handle(event)
    }
    while let stanza = call.pollTransmit() {
      setup.client.send(stanza)
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
      accept(contents, group)
    case .transportInfo(let content, let transport):
      take(transport, content: content, isRestart: false)
    case .iceRestart(let content, let transport):
      take(transport, content: content, isRestart: true)
    case .iceRestartRefused(let content):
      iceRestartRefused(content: content)
    case .ended(let outcome):
      finish(outcome)
    case .sendersChanged(let content, let senders) where JingleMapping.kind(ofContent: content) == .video:
      mute(senders != .both && senders != .initiator)
    case .contentRemoved(let content) where JingleMapping.kind(ofContent: content) == .video:
      call.terminate(Reason(.success), now: .now())
    case .proposed, .offered, .sendersChanged, .sendersRefused, .descriptionInfo, .contentRemoved, .info:
      break
    }
  }

  private func initiate(_ device: JID) {
    reporter.report(.connecting, detail: device.description)
    isInitiated = true
    let senders: Content.Senders = setup.oneWay ? .initiator : .both
    let (fingerprint, canonicalName, candidates) = (certificate.fingerprint, canonicalName, earlyCandidates)
    let offer = peerDriver?.assumeIsolated { driver in
      driver.with {
        JingleMapping.offer(
          of: $0, fingerprint: fingerprint, canonicalName: canonicalName, senders: senders, candidates: candidates)
      }
    }
    guard let offer else { return }
    earlyCandidates = [:]
    call.initiate(contents: offer.contents, group: offer.group, now: .now())
  }

  private func accept(_ contents: [Content], _ group: ContentGroup?) {
    acceptedAt = .now()
    setupTimer = eventLoop.scheduleTask(in: Self.setupPatience) { [weak self] in
      self?.assumeIsolated { $0.end(for: .connectivity) }
    }
    do throws(JingleMapping.MappingError) {
      let answer = try JingleMapping.answer(contents, group: group)
      isBundled = answer.bundled
      peerDriver?.assumeIsolated { driver in
        driver.with { $0.setRemoteDescription(answer.media, bundled: answer.bundled, now: .now()) }
      }
      for content in contents {
        guard let kind = JingleMapping.kind(ofContent: content.name) else { continue }
        resolve(content.transport?.candidates ?? [], of: kind)
      }
    } catch {
      call.terminate(JingleMapping.reason(for: error), now: .now())
    }
  }

  // MARK: Media

  private func handle(_ event: PeerConnection.Event) {
    switch event {
    case .localCandidate(let kind, let candidate):
      tell(candidate, of: kind)
    case .candidateError(let url, let code, let text):
      candidateError = "\(url): \(code.map { "\($0) " } ?? "")\(text)"
      logger.notice("\(candidateError ?? url)")
    case .iceStateChange(let kind, let state):
      logger.info("ICE", metadata: ["content": "\(kind)", "state": "\(state)"])
    case .selectedPairChange(let kind, let pair):
      logger.info("path", metadata: ["content": "\(kind)", "pair": "\(pair)"])
    case .iceRestart(let kind):
      restartICE(of: kind)
    case .videoWritable:
      startStreaming()
    case .keyFrameRequested:
      control.requestKeyFrame()
    case .maximumBitrate(let bitrate):
      control.capBitrate(bitrate)
    case .failed(let error):
      end(for: error)
    }
    advance()
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

  private func terminate(_ reason: Reason) {
    call.terminate(reason, now: .now())
    advance()
  }

  /// The peer wants no picture for a while, or wants it again.
  private func mute(_ isMuted: Bool) {
    self.isMuted = isMuted
    if !isMuted { control.requestKeyFrame() }
  }

  private func startStreaming() {
    guard !isStreaming else { return }
    isStreaming = true
    setupTimer?.cancel()
    streamingSince = .now()
    reporter.report(.streaming, detail: nil)
    control.requestKeyFrame()
    control.start()
    if !setup.oneWay, !isBundled { askForOneWay() }
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
      call.modifySenders(content: JingleMapping.contentName(of: kind), to: .initiator, now: .now())
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
        (error as? CaptureError).map(CommandError.init)
        ?? CommandError("the video cannot be sent: \(error)", .software)
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
