import Account
import CMalloc
import Call
import Jingle
import Logging
import NIOCore
import Network
import SRTP
import Settings
import State
import Streamer
import Studio
import XMPP

/// `jinglecam serve`: stays online and shows the camera to those who may call it. Its executor is the event loop of the
/// XMPP stream and the sockets.
actor CameraServer {
  let eventLoop: any EventLoop
  var configuration: ServeConfiguration
  let output: ServeOutput
  let connection: AccountConnection
  let broadcast: Broadcast
  /// The way of what the loudspeaker plays to the microphone, whichever of them is opened first; nil if there is no
  /// loudspeaker.
  let echo: EchoPath?
  var admission: CallAdmission
  var contacts: Contacts
  var desk: CommandDesk
  /// Who may what: the settings' list, and the people who were allowed by chat.
  var access: AccessList
  var people: AllowedPeople
  /// For lines that others can cause.
  var log: BoundedLog
  /// While it runs, presence tells no other state.
  var statusPause: Scheduled<Void>?
  private(set) var viewers = Viewers()
  private var paths = PathMemory()
  private(set) var counters = ServeCounters()
  var sourceState: SourceState
  var hasCheckedSource = false
  /// nil if there is none, or if it is not there yet.
  var speaker: Speaker?
  let startedAt = NIODeadline.now()

  var client: XMPPClient? { connection.assumeIsolated { $0.client } }
  var logger: Logger { output.logger }

  nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

  init(
    _ configuration: ServeConfiguration, _ people: AllowedPeople, password: String, on eventLoop: any EventLoop,
    output: ServeOutput
  ) {
    self.configuration = configuration
    self.people = people
    access = configuration.access.extended(by: people.roles)
    self.eventLoop = eventLoop
    self.output = output
    let logger = output.logger
    sourceState = SourceState(configuration.video.source)
    log = BoundedLog(logger: logger)
    let callers = KnownCallers(access)
    contacts = Contacts(
      callers: callers,
      approved: ApprovedSubscribers(of: configuration.account.jid, in: StateDirectory.path, logger: logger))
    var login = XMPPClient.Configuration(configuration.account, password: password)
    login.session.mayDiscover = callers.isKnown
    login.session.discovery.features.formUnion([AdHocCommands.namespace, DataForm.namespace])
    connection = AccountConnection(login, isPersistent: true, on: eventLoop, logger: logger)
    desk = CommandDesk(hasSpeaker: configuration.speaker != nil)
    echo = configuration.speaker == nil ? nil : EchoPath()
    broadcast = Broadcast(configuration.video, without: echo, on: eventLoop)
    admission = CallAdmission(
      access: access, maximumViewers: configuration.maximumViewers,
      callsPerMinute: configuration.callsPerMinute)
  }

  // MARK: Staying online

  /// Until ``stop()``, or until the account turns out to be wrong before it was ever right.
  func run() async throws(ServeError) {
    await checkSource()
    watchState()
    offerPairing()
    let watch = Task { await watchSource() }
    let opening = Task { await keepSpeaker() }
    defer {
      watch.cancel()
      opening.cancel()
      speaker?.stop()
    }
    do throws(XMPPClientError) {
      while let client = try await connection.next() { await serve(client) }
    } catch {
      throw .account(error)
    }
  }

  /// Hangs up, goes offline, and lets ``run()`` return.
  func stop() async {
    for call in viewers.calls { await call.interrupt() }
    for end in viewers.ends { await end.value }
    await connection.stop()
  }

  private func serve(_ client: XMPPClient) async {
    counters.connections += 1
    if !client.isResumed { contacts.beginSession() }
    tellState()
    let subscriptions = Task { await matchSubscriptions() }
    for await stanza in client.stanzas { handle(stanza) }
    subscriptions.cancel()
  }

  // MARK: Settings

  /// Calls go on. The account stays what it was; a source is opened anew when the next viewer finds it closed.
  func apply(_ new: ServeConfiguration) {
    if new.account.jid.bare != configuration.account.jid.bare {
      logger.warning(
        "the account cannot change while the program runs: restart it", metadata: ["jid": "\(new.account.jid)"])
    }
    if new.metrics != configuration.metrics {
      logger.warning("the address of the metrics cannot change while the program runs: restart it")
    }
    if new.speaker != configuration.speaker {
      logger.warning("the loudspeaker cannot change while the program runs: restart it")
    }
    var new = new
    new.account = configuration.account
    new.metrics = configuration.metrics
    new.speaker = configuration.speaker
    configuration = new
    admission.maximumViewers = new.maximumViewers
    admission.callsPerMinute = new.callsPerMinute
    let hasSoundAlone = broadcast.assumeIsolated { broadcast in
      broadcast.video = new.video
      broadcast.setBitrate(new.video.limits.maximumBitrate)
      return broadcast.hasSoundAlone
    }
    updateAccess()
    offerPairing()
    // Nothing is left of a call for sound alone if the microphone is no longer wanted.
    for call in viewers.calls where !hasSoundAlone {
      call.assumeIsolated { if $0.isForSoundAlone { $0.interrupt() } }
    }
    Task { await matchSubscriptions() }
  }

  // MARK: Calls

  private func handle(_ stanza: XMLElement) {
    switch StanzaTopic(stanza) {
    case .call:
      // Each sees it until one takes it: one that does not may be over by it.
      if viewers.calls.contains(where: { call in call.assumeIsolated { $0.receive(stanza) } }) || open(stanza) {
        return
      }
    case .presence: return receivePresence(stanza)
    case .chat: if receiveChat(stanza) { return }
    case .command: if receiveCommand(stanza) { return }
    }
    let isTrusted = stanza.from.map { access.role(of: $0) != nil } ?? false
    let answers = IncomingRefusal.answers(to: stanza, isTrusted: isTrusted)
    if answers.isEmpty { client?.refuse(stanza) }
    answers.forEach(send)
  }

  /// False: the stanza opens no call.
  private func open(_ stanza: XMLElement) -> Bool {
    guard let client, var call = IncomingCall(opening: stanza, local: client.jid, now: .now()) else { return false }
    makeRoom(for: call.peer)
    guard let refusal = admit(call.peer) else {
      begin(.incoming(call), by: client)
      return true
    }
    counters.callsRefused[refusal, default: 0] += 1
    call.refuse(refusal == .stranger ? nil : Reason(.busy))
    let reason = refusal.rawValue
    log.write(
      .notice, "a call was refused", ["jid": "\(call.peer)", "reason": "\(reason)"], kind: reason, now: .now())
    while let stanza = call.pollTransmit() { send(stanza) }
    return true
  }

  /// Nil: there is a place for the caller, if need be a guest's.
  func admit(_ caller: JID) -> CallAdmission.Refusal? {
    let current = viewers.current
    let people = current.map { call in call.assumeIsolated { $0.peer } }
    switch admission.decide(on: caller, viewers: people, now: .now()) {
    case .admit: return nil
    case .displace(let guest):
      logger.notice("a viewer makes room for an admin", metadata: ["jid": "\(people[guest])"])
      current[guest].assumeIsolated { $0.terminate(Reason(.busy)) }
      return nil
    case .refuse(let refusal): return refusal
    }
  }

  /// Whoever calls again may have lost a call, by a client that died or a network that went: where it is silent, or the
  /// same device calls, it is over (XEP-0353 section 4.2 lets a new call replace the old one).
  private func makeRoom(for caller: JID) {
    for call in viewers.calls {
      call.assumeIsolated { call in
        guard call.peer == caller || call.peer.bare == caller.bare && call.isPathLost else { return }
        call.terminate(Reason(.gone))
      }
    }
  }

  /// Calls a person who asked for it.
  ///
  /// - Returns: what to tell the person.
  func call(_ person: JID) -> String {
    guard let client else { return "" }
    guard !viewers.contains(person) else {
      return "You are already in a call."
    }
    guard admit(person) == nil else {
      return "Too many are watching, or you called too often. Try again in a minute."
    }
    ring(person, by: client, isAsked: true)
    return "Calling you."
  }

  /// - Parameter isAsked: the person asked for it in a chat, and hears there why there was none.
  func ring(_ person: JID, by client: XMPPClient, isAsked: Bool) {
    let call = OutgoingCall(
      sid: StreamSession.newSessionID(), local: client.jid, peer: person.bare, media: [.audio, .video])
    begin(.outgoing(call), by: client, isAsked: isAsked)
  }

  private func begin(_ call: Signalling, by client: XMPPClient, isAsked: Bool = false) {
    contacts.welcome.callBegan(with: call.peer)
    var logger = logger
    logger[metadataKey: "jid"] = "\(call.peer)"
    logger[metadataKey: "sid"] = "\(call.sid)"
    let reporter = output.reporter?(call.peer, call.sid) ?? ViewerReporter(logger: logger)
    let certificate: Certificate
    do throws(StreamError) {
      certificate = try Certificate.forCall()
    } catch {
      logger.error("\(error)")
      return
    }
    logger.notice("call started", metadata: ["direction": call.isIncoming ? "incoming" : "outgoing"])
    let formerRate = paths.rate(of: call.peer)
    if let formerRate { logger.debug("known path", metadata: ["bitrate": "\(formerRate)"]) }
    let includesLoopback = client.isLoopback
    let connectivity = configuration.connectivity
    let isForSoundAlone = call.isForSoundAlone
    let feed = broadcast.assumeIsolated { $0.makeFeed() }
    let servers = Task { await iceServers() ?? ICEServerList(servers: []) }
    let driver = CallDriver(
      .init(
        send: { [weak self] stanza in self?.assumeIsolated { $0.send(stanza) } },
        ice: { () async throws(StreamError) in try connectivity.ice(await servers.value.servers) },
        addresses: { HostInterfaces.addresses(includesLoopback: includesLoopback) },
        // Called, some clients take no call that is one-way from the start.
        oneWay: call.isIncoming && !contacts.mirrored.contains(call.peer),
        caFile: configuration.account.caFile, formerRate: formerRate,
        hasSound: { [broadcast] in
          isForSoundAlone
            ? await broadcast.hasSoundAlone : (try? await broadcast.hasSound().get()) ?? false
        }, voice: voice(of: call.peer)),
      call, certificate: certificate, feed: feed, on: eventLoop, reporter: reporter,
      logger: logger)
    viewers.insert(driver, until: Task { await run(driver, isAsked: isAsked, with: servers, reporter, logger) })
    broadcast.assumeIsolated { $0.join(feed, driver, seesPictures: !isForSoundAlone) }
  }

  /// Runs a call to its end, with fresh TURN credentials, and counts what it came to.
  ///
  /// - Parameters:
  ///   - isAsked: the peer asked for it in a chat, and hears there why there was none.
  ///   - logger: names the call in each line.
  private func run(
    _ call: CallDriver, isAsked: Bool, with servers: Task<ICEServerList, Never>, _ reporter: any Reporter,
    _ logger: Logger
  ) async {
    let renewal = Task { [weak self, eventLoop] in
      let servers = await servers.value
      await servers.keepFresh(on: eventLoop, by: { await self?.iceServers() ?? servers }) {
        await call.renewCredentials(of: $0)
        logger.info("TURN credentials renewed", metadata: ["servers": "\($0.count)"])
      }
    }
    let finished = await call.run()
    renewal.cancel()
    viewers.remove(call)
    let peer = await call.peer
    let summary = CallSummary(of: finished, peer: peer)
    if summary.duration >= PathMemory.leastDuration, let path = summary.statistics?.candidatePair {
      path.availableOutgoingBitrate.map { paths.remember($0, of: peer) }
    }
    counters.callsEnded[summary.outcome, default: 0] += 1
    summary.statistics.map { counters.add($0) }
    reporter.report(summary)
    if isAsked, let text = Self.words(on: summary.outcome) { send(ChatMessage.make(to: peer.bare, text)) }
    // The memory of calls that are over is the system's again, for months maybe: malloc alone would keep it.
    if viewers.isEmpty { malloc_trim(0) }
  }

  /// What a person who asked to be called is told of a call that came to nothing.
  private static func words(on outcome: CallSummary.Outcome) -> String? {
    switch outcome {
    case .noAnswer: "You did not answer. Write \"call me\" to try again."
    case .noJingle, .unreachable: "None of your clients that are online accepts video calls."
    case .completed, .declined, .busy, .yielded, .cancelled, .failed, .hungUp: nil
    }
  }

  /// Nil while there is no stream to ask over.
  private func iceServers() async -> ICEServerList? {
    guard let client else { return nil }
    return await ICEServerList.gather(from: client, configuration: configuration.connectivity, logger: logger)
  }

  func send(_ stanza: XMLElement) {
    connection.assumeIsolated { $0.send(stanza) }
  }
}
