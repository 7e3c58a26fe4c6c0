import ICE
import Jingle
import NIOCore
import Peer
import RTP
import SRTP
import XMPP

/// One call, from the first propose to the last packet, without I/O: ours or one that comes in.
///
/// Stanzas, datagrams, encoded pictures and the time go in; stanzas, datagrams, events and a deadline come out. It is an
/// engine for its sockets (``transportMedia``, ``addLocalEndpoint(_:address:for:now:)`` …) besides, since a call opens
/// them when it knows its media.
///
/// What one part has to say is drained in one place and handled there, in the order in which it was said: no handler
/// drains, so that nothing overtakes what came before it.
package final class Call {
  package struct Configuration {
    package var certificate: Certificate
    package var clock: SessionClock
    /// Ask for no picture of the peer's from the start.
    package var isOneWay = false
    /// Whether the peer's sound is wanted: there is a loudspeaker, and the peer may speak.
    package var hearsPeer = false
    /// Tells what is made of the peer's sound, whenever statistics are collected; nil where nobody plays it.
    package var playout: PlayoutReader?
    /// How long the picture is sent.
    package var duration: TimeAmount?
    package var retransmission = DTLSRetransmission()
    /// What the path to the same peer carried last, in bits per second; nil where nothing is known of it.
    package var formerRate: Int?

    package init(certificate: Certificate, clock: SessionClock) {
      self.certificate = certificate
      self.clock = clock
    }
  }

  package enum Event: Sendable {
    /// To be sent to the XMPP server, in this order.
    case stanza(XMLElement)
    /// Something of the signalling happened; for logs.
    case signalled(CallEvent)
    /// The person is called.
    case calling
    case ringing
    /// Sockets are to be opened for ``transportMedia``; ``endpointsOpened(now:)`` or ``endpointsFailed(now:)`` follows.
    case endpointsWanted
    /// A device at the other end takes the call.
    case connecting(JID)
    /// A name of the local link is to be resolved; ``resolved(_:to:now:)`` follows.
    case nameToResolve(CandidateNames.Request)
    case candidateError(CandidateError)
    case iceStateChange(MediaKind, ICETransportState)
    case selectedPairChange(MediaKind, CandidatePairDescription)
    /// We restart ICE for the content of this medium.
    case iceRestart(MediaKind)
    /// The peer's client takes no ICE restart.
    case iceRestartRefused(MediaKind)
    /// Pictures can be sent from now on, beginning with a key frame.
    case streaming
    /// Another key frame is needed; it is not told for the one that ``streaming`` begins with.
    case keyFrameRequested
    /// Whether the peer hears sound: it is agreed, has its keys, and is neither muted nor on hold. At first it does not.
    case soundWanted(Bool)
    /// The rate in bits per second that the viewer's network takes, by the control of congestion or the peer's REMB.
    /// `stable`: the same without what is to be made up for at the moment.
    case targetBitrate(Int, stable: Int)
    /// A packet of the peer's sound, in Opus.
    case soundReceived(InboundRTPPacket)
    /// Each second while pictures are sent.
    case statistics(CallStatistics)
    /// The last event; ``close(now:)`` says goodbye to the transports.
    case ended(CallResult)
  }

  let configuration: Configuration
  let canonicalName: String
  private let makeGenerator: () -> any RandomNumberGenerator & Sendable
  var signalling: Signalling
  private(set) var connection: PeerConnection?
  var ice = ICETransport.Configuration()
  /// Whether there is sound to send.
  private(set) var hasSound = false
  /// Whether the peer's sound is wanted, still.
  var hearsPeer: Bool
  var contents = CallContents()
  var timeline = CallTimeline()
  private var presence = PeerPresence()
  var names = CandidateNames()
  var collector = StatisticsCollector()
  var events = CircularBuffer<Event>()
  /// What was told by ``Event/soundWanted(_:)``.
  private var isSoundWanted = false
  private var ending = CallEnding()

  /// - Parameter makeGenerator: is asked once for each part that draws, so that seeded ones in tests differ.
  package init(
    _ signalling: Signalling, _ configuration: Configuration,
    makeGenerator: @escaping () -> any RandomNumberGenerator & Sendable
  ) {
    self.signalling = signalling
    self.configuration = configuration
    hearsPeer = configuration.hearsPeer
    collector.playout = configuration.playout
    self.makeGenerator = makeGenerator
    // RFC 7022 section 4.2: 96 random bits, so that calls cannot be told to be of one host.
    var generator = makeGenerator()
    canonicalName = String(generator.next() as UInt64, radix: 36) + String(generator.next() as UInt32, radix: 36)
  }

  /// The device at the other end, or before it is known the account.
  package var peer: JID { signalling.peer }
  package var outcome: CallOutcome? { ending.outcome }
  /// Since when pictures can be sent.
  package var streamingSince: NIODeadline? { timeline.streamingSince }
  /// A second old at most.
  package var latestStatistics: CallStatistics? { collector.latest }
  /// What is known at this moment; nil while no pictures are sent.
  package func statistics(now: NIODeadline) -> CallStatistics? {
    guard timeline.isStreaming, outcome == nil else { return nil }
    return connection.flatMap { collector.statistics(of: $0, now: now) }
  }
  /// Nothing was heard of the peer for some seconds.
  package var isPathLost: Bool { presence.isPathLost }

  // MARK: The course of a call

  /// Calls, or answers the call that came in.
  ///
  /// - Parameter hasSound: whether there is sound to send.
  package func begin(_ ice: ICETransport.Configuration, hasSound: Bool = false, now: NIODeadline) {
    guard outcome == nil, connection == nil else { return }
    self.ice = ice
    self.hasSound = hasSound
    if signalling.isIncoming {
      signalling.answer(takesSoundAlone: hasSound, now: now)
    } else {
      makeConnection(signalling.media.compactMap { MediaKind(rawValue: $0.rawValue) }, role: .controlling)
      events.append(.endpointsWanted)
    }
    drain(now)
  }

  /// The sockets that were wanted are open.
  package func endpointsOpened(now: NIODeadline) {
    guard outcome == nil, connection != nil else { return }
    if signalling.isIncoming {
      acceptOffer(now: now)
    } else {
      events.append(.calling)
      signalling.propose(now: now)
    }
    drain(now)
  }

  /// No socket could be opened.
  package func endpointsFailed(now: NIODeadline) { terminate(Reason(.connectivityError), now: now) }

  /// Takes the call back while it rings, hangs up afterwards: the person at our side wants it.
  package func interrupt(now: NIODeadline) {
    guard outcome == nil else { return }
    ending.isInterrupted = true
    if timeline.isStreaming {
      signalling.terminate(Reason(.success), now: now)
    } else {
      signalling.cancel(now: now)
    }
    drain(now)
  }

  package func terminate(_ reason: Reason, now: NIODeadline) {
    guard outcome == nil else { return }
    signalling.terminate(reason, now: now)
    drain(now)
  }

  /// Ends the call at once, without a word to the peer.
  package func abandon(now: NIODeadline) { end(.hungUp, now: now) }

  /// Says goodbye to the transports once the call has ended: ``deadline`` is nil when they have answered.
  package func close(now: NIODeadline) { connection?.close(now: now) }

  /// Whether the peer's server says that the device is there. Its stream may come back under the same address (XEP-0198
  /// section 5), and media do not need it: the call goes on for as long as the path lives.
  package func setAvailable(_ isAvailable: Bool, now: NIODeadline) {
    presence.isAvailable = isAvailable
    leaveDeserted(now)
    drain(now)
  }

  /// The credentials that were given at the beginning are about to lapse.
  package func renewCredentials(of servers: [ICEServer]) {
    ice.servers = servers
    connection?.renewCredentials(of: servers)
  }

  // MARK: Stanzas

  /// False: the stanza is not, or not only, of this call.
  package func receive(_ stanza: XMLElement, now: NIODeadline) -> Bool {
    guard outcome == nil else { return false }
    let isOurs = signalling.receive(stanza, now: now)
    // Also where it is not: a call of the peer's own may have ended this one.
    drain(now)
    return isOurs
  }

  package func pollEvent() -> Event? { events.popFirst() }

  // MARK: Media

  /// Packetizes, protects and sends one picture.
  ///
  /// - Parameters:
  ///   - source: what was counted up to this picture.
  ///   - isCongested: the network does not take what was sent before.
  @discardableResult
  package func send(
    _ frame: RTPFrame, source: MediaSourceStatistics, isCongested: Bool = false, now: NIODeadline
  ) -> FrameOutcome {
    collector.source = source
    guard outcome == nil, let connection else { return collector.drop(.noPath) }
    defer { drain(now) }
    if contents.isMuted(.video) || isCongested {
      connection.skip(frame)
      return collector.drop(contents.isMuted(.video) ? .muted : .congested)
    }
    let result = connection.send(frame, now: now)
    if case .dropped(let reason) = result { collector.drop(reason) }
    return result
  }

  /// Leaves out a picture that no other refers to, since the viewer's network takes less than all of them.
  package func throttle(source: MediaSourceStatistics) {
    collector.source = source
    collector.drop(.throttled)
  }

  /// The source of the pictures has ended, or failed.
  package func sourceEnded(isFailure: Bool, now: NIODeadline) {
    terminate(Reason(isFailure ? .mediaError : .success), now: now)
  }

  // MARK: Time

  package var deadline: NIODeadline? {
    var earliest = connection?.deadline
    guard outcome == nil else { return earliest }
    if let deadline = signalling.deadline { earliest = min(earliest ?? deadline, deadline) }
    if let deadline = timeline.deadline { earliest = min(earliest ?? deadline, deadline) }
    if let deadline = ending.deadline { earliest = min(earliest ?? deadline, deadline) }
    return earliest
  }

  package func handleTimeout(now: NIODeadline) {
    connection?.handleTimeout(now: now)
    guard outcome == nil else { return }
    if let deadline = signalling.deadline, deadline <= now { signalling.handleTimeout(now: now) }
    for due in timeline.handleTimeout(now: now) {
      switch due {
      case .setup: signalling.terminate(JingleMapping.reason(for: .connectivity), now: now)
      case .duration: signalling.terminate(Reason(.success), now: now)
      case .statistics: reportStatistics(now)
      }
    }
    if let reason = ending.handleTimeout(now: now) { signalling.terminate(reason, now: now) }
    drain(now)
  }

  // MARK: Draining

  /// Handles all that the connection and the signalling have to say. No handler calls this.
  func drain(_ now: NIODeadline) {
    while outcome == nil {
      if let event = connection?.pollEvent() {
        handle(event, now: now)
      } else if let event = signalling.pollEvent() {
        handle(event, now: now)
      } else {
        break
      }
    }
    tellWhetherSoundIsWanted()
    tellStanzas()
  }

  private func tellWhetherSoundIsWanted() {
    guard outcome == nil else { return }
    let isWanted = timeline.isStreaming && connection?.isSoundWritable == true && !contents.isMuted(.audio)
    guard isWanted != isSoundWanted else { return }
    isSoundWanted = isWanted
    events.append(.soundWanted(isWanted))
  }

  private func tellStanzas() {
    while let stanza = signalling.pollTransmit() { events.append(.stanza(stanza)) }
  }

  private func handle(_ event: PeerConnection.Event, now: NIODeadline) {
    switch event {
    case .localCandidate(let kind, let candidate): tell(candidate, of: kind, now: now)
    case .candidateError(let url, let error):
      let error = CandidateError(url: url, error: error)
      ending.candidateError = error
      events.append(.candidateError(error))
    case .iceStateChange(let kind, let state):
      events.append(.iceStateChange(kind, state))
      // The sound may have a path of its own, which nobody misses if there is a picture.
      guard kind == .video || contents.isBundled || connection?.media.contains(.video) == false else { return }
      presence.take(state)
      leaveDeserted(now)
    case .selectedPairChange(let kind, let pair): events.append(.selectedPairChange(kind, pair))
    case .iceRestart(let kind): restartICE(of: kind, now: now)
    case .videoWritable, .soundWritable: startStreaming(now)
    case .keyFrameRequested: events.append(.keyFrameRequested)
    case .targetBitrate(let bitrate, let stable): events.append(.targetBitrate(bitrate, stable: stable))
    case .frameSent(let captureTime, let time):
      timeline.frameSent(now: time)
      collector.frameSent(captureTime: captureTime, now: time)
    case .framesDropped(let count): collector.drop(.late, count: count)
    case .soundReceived(let packet): events.append(.soundReceived(packet))
    case .failed(.closedByPeer): ending.peerClosed(now: now)
    case .failed(let error): signalling.terminate(JingleMapping.reason(for: error), now: now)
    }
  }

  private func handle(_ event: CallEvent, now: NIODeadline) {
    events.append(.signalled(event))
    switch event {
    case .ringing: events.append(.ringing)
    case .proceeded(let device): initiate(device, now: now)
    case .accepted(let contents, let group): takeAnswer(contents, group, now: now)
    case .offered(let contents, let group): takeOffer(contents, group, now: now)
    case .transportInfo(let content, let transport): take(transport, content: content, isRestart: false, now: now)
    case .iceRestart(let content, let transport): take(transport, content: content, isRestart: true, now: now)
    case .iceRestartRefused(let content):
      guard let kind = contents.kind(of: content) else { return }
      events.append(.iceRestartRefused(kind))
      connection?.refuseICERestart(for: kind, now: now)
    case .ended(let outcome): end(outcome, now: now)
    case .sendersChanged(let content, let senders):
      guard let kind = contents.kind(of: content) else { return }
      contents.setMuted(senders == .none || senders == signalling.peerAlone, kind)
      // After a pause the peer can decode nothing but a key frame.
      if kind == .video, !contents.isMuted(kind) { events.append(.keyFrameRequested) }
    case .contentRemoved(let content):
      guard let kind = contents.kind(of: content) else { return }
      contents.setMuted(true, kind)
      if kind == .video { signalling.terminate(Reason(.success), now: now) }
    case .info(let info): take(info)
    case .proposed, .sendersRefused, .descriptionInfo, .unreadable: break
    }
  }

  func makeConnection(_ media: [MediaKind], role: ICERole) {
    var configuration = PeerConnection.Configuration(
      ice: ice, role: role, media: media, certificate: configuration.certificate, canonicalName: canonicalName,
      clock: configuration.clock)
    configuration.retransmission = self.configuration.retransmission
    configuration.formerRate = self.configuration.formerRate
    connection = PeerConnection(configuration: configuration, makeGenerator: makeGenerator)
  }

  private func startStreaming(_ now: NIODeadline) {
    guard !timeline.isStreaming else { return }
    timeline.startStreaming(for: configuration.duration, now: now)
    events.append(.streaming)
    askForOneWay(now)
  }

  /// A client that died says no goodbye, and consent lasts for half a minute more.
  private func leaveDeserted(_ now: NIODeadline) {
    guard presence.isDeserted, outcome == nil else { return }
    signalling.terminate(Reason(.gone), now: now)
  }

  private func reportStatistics(_ now: NIODeadline) {
    guard let connection else { return }
    collector.update(from: connection, since: timeline.streamingSince, now: now)
    collector.latest.map { events.append(.statistics($0)) }
  }

  private func end(_ outcome: CallOutcome, now: NIODeadline) {
    guard self.outcome == nil else { return }
    if let connection { collector.update(from: connection, since: timeline.streamingSince, now: now) }
    ending.end(outcome)
    tellStanzas()
    events.append(
      .ended(
        CallResult(
          outcome: ending.outcome ?? outcome, isInterrupted: ending.isInterrupted,
          candidateError: ending.candidateError, setupTime: timeline.setupTime,
          streamingTime: timeline.streamingSince.map { now - $0 }, statistics: collector.latest)))
  }
}
