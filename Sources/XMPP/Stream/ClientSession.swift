import NIOCore

/// The client's part of an established stream (RFC 6121): it requests the roster, sends presence, answers service
/// discovery, ping and version requests, tracks its requests, and detects a silent server.
package struct ClientSession: Sendable {
  package struct Configuration: Sendable {
    package var discovery: ServiceDiscovery
    package var version: SoftwareVersion
    /// The time without any data from the server after which it is pinged (XEP-0199). It is below the five minutes
    /// after which many routers forget a TCP connection.
    package var silence = TimeAmount.seconds(90)
    /// How long the server may take to answer a ping.
    package static let pingTimeout = TimeAmount.seconds(20)

    /// Whether a JID may learn our identity and features, by our presence or by a query. To others we look like a
    /// device that does not exist. Nil allows everybody.
    package var mayDiscover: (@Sendable (JID) -> Bool)?

    /// How to prevent stored messages and requests from being delivered; nil if they are wanted.
    package var quiet: QuietLogin?

    /// The timeliness known from a former session of this process; nil if there was none.
    package var timeliness: Timeliness?

    /// The status text that users see with our name (RFC 6121 section 4.7.2.2).
    package var status: String?

    /// The available presence with our capabilities (RFC 6121 section 4.7, XEP-0115).
    package var presence: XMLElement {
      var presence = XMLElement("presence", namespace: Namespace.client)
      if let status {
        presence.append(XMLElement("status", namespace: Namespace.client, children: [.text(status)]))
      }
      presence.append(discovery.capabilities)
      return presence
    }

    /// - Parameter features: the features of the program in addition to those that the session implements.
    package init(name: String, version: String, node: String, type: String, features: Set<String>) {
      self.version = SoftwareVersion(name: name, version: version)
      discovery = ServiceDiscovery(
        identities: [.init(category: "client", type: type, name: name)],
        features: features.union([
          ServiceDiscovery.infoNamespace, ServiceDiscovery.itemsNamespace, ServiceDiscovery.capsNamespace,
          Ping.namespace, SoftwareVersion.namespace,
        ]), node: node)
    }
  }

  /// Identifies a request that was made with ``request(_:timeout:now:)``.
  package typealias RequestID = UInt64

  package enum Response: Equatable, Sendable {
    case result(XMLElement)
    case error(StanzaError)
    case timedOut
  }

  package enum Event: Equatable, Sendable {
    /// A stanza that was not handled here. If it is a request, it must be answered (RFC 6120 section 8.2.3).
    case stanza(XMLElement)
    case response(RequestID, Response)
    /// The server does not answer: the stream is dead even if TCP does not notice.
    case silent
  }

  private enum Asker: Sendable {
    case driver(RequestID)
    case roster
    case purge
    case ping
    case time(requested: NIODeadline)
  }

  package let jid: JID
  package private(set) var roster = Roster()

  package private(set) var timeliness: Timeliness

  private var configuration: Configuration
  private var audience: PresenceAudience
  private var isRosterKnown = false
  /// Whether we have sent available presence.
  private var isOnline = false
  private let idPrefix: String
  private var nextID: RequestID = 0
  private var pending: PendingRequests<Asker>
  private var transmits = CircularBuffer<XMLElement>()
  private var events = CircularBuffer<Event>()
  private var liveness: ServerLiveness

  /// - Parameter jid: the full JID that the server bound.
  package init(
    jid: JID, _ configuration: Configuration, generator: inout some RandomNumberGenerator, now: NIODeadline
  ) {
    self.jid = jid
    self.configuration = configuration
    audience = PresenceAudience(mayKnow: configuration.mayDiscover)
    timeliness = configuration.timeliness ?? Timeliness(start: now)
    // A response to an id that cannot be guessed cannot be forged (RFC 6120 section 8.1.3).
    idPrefix = String(UInt64.random(in: .min ... .max, using: &generator), radix: 36)
    pending = PendingRequests(local: jid)
    liveness = ServerLiveness(silence: configuration.silence, now: now)
  }

  /// Requests the roster, and sends available presence once it has arrived (RFC 6121 sections 2.2 and 4.2).
  ///
  /// - Parameter wallClock: the clock of this computer in seconds since 1970; nil if it is not known.
  package mutating func start(now: NIODeadline, wallClock: Int64? = nil) {
    let id = makeID()
    pending.add(id: id, to: nil, .roster, deadline: now + .seconds(30))
    transmits.append(Roster.request(id: id))
    if let quiet = configuration.quiet {
      let id = makeID()
      pending.add(id: id, to: nil, .purge, deadline: now + .seconds(30))
      transmits.append(contentsOf: quiet.prologue(id: id))
    }
    askTime(now: now, wallClock: wallClock)
  }

  /// Continues after the stream was resumed over another connection (XEP-0198 section 5).
  package mutating func resume(now: NIODeadline, wallClock: Int64) {
    heard(now: now)
    askTime(now: now, wallClock: wallClock)
  }

  private mutating func askTime(now: NIODeadline, wallClock: Int64?) {
    timeliness.connected(wallClock: wallClock, now: now)
    let id = makeID()
    pending.add(id: id, to: jid.server, .time(requested: now), deadline: now + .seconds(30))
    var request = EntityTime.request(to: jid.server)
    request["id"] = id
    transmits.append(request)
  }

  /// Sends our presence to everybody who may receive it, if it has changed or there are new recipients.
  ///
  /// - Parameter status: the text that users see with our name (RFC 6121 section 4.7.2.2).
  package mutating func announce(status: String?) {
    configuration.status = status
    if isOnline { announce() }
  }

  private mutating func announce() {
    if !isOnline, configuration.quiet != nil { transmits.append(QuietLogin.lowered) }
    isOnline = true
    transmits.append(contentsOf: audience.announce(configuration.presence, roster: isRosterKnown ? roster : nil))
  }

  /// Sends an iq of type get or set, whose id is set here. The response is an event.
  package mutating func request(_ iq: XMLElement, timeout: TimeAmount, now: NIODeadline) -> RequestID {
    precondition(iq.isRequest, "a request is an iq of type get or set")
    var iq = iq
    let id = makeID()
    let request = nextID
    iq["id"] = id
    pending.add(id: id, to: iq.to, .driver(request), deadline: now + timeout)
    transmits.append(iq)
    return request
  }

  /// Notes that data arrived, be it only white space.
  package mutating func heard(now: NIODeadline) {
    liveness.heard(now: now)
  }

  package mutating func receive(_ stanza: XMLElement, now: NIODeadline) {
    heard(now: now)
    var stanza = stanza
    // Only stanzas that were stored for us keep their stamp, so that nothing else is treated as old.
    if DelayedDelivery.isStamped(stanza), timeliness.isTimely(stanza, now: now) {
      DelayedDelivery.removeStamps(from: &stanza)
    }
    switch stanza.iqType {
    case .result, .error: receiveResponse(stanza)
    case .get, .set: receiveRequest(stanza)
    case nil:
      if stanza.is("presence", Namespace.client), audience.receive(stanza), isOnline { announce() }
      events.append(.stanza(stanza))
    }
  }

  package mutating func handleTimeout(now: NIODeadline) {
    for asker in pending.handleTimeout(now: now) {
      switch asker {
      case .driver(let id): events.append(.response(id, .timedOut))
      case .roster: announce()
      case .purge, .time: break
      case .ping: if liveness.pingExpired() { events.append(.silent) }
      }
    }
    if liveness.isSilent(now: now) { probe(now: now) }
  }

  /// Pings the server, to find out whether the stream is dead.
  package mutating func probe(now: NIODeadline) {
    guard liveness.beginPing(now: now) else { return }
    let id = makeID()
    pending.add(id: id, to: jid.server, .ping, deadline: now + Configuration.pingTimeout)
    transmits.append(Ping.request(id: id, to: jid.server))
  }

  package var deadline: NIODeadline? {
    [pending.deadline, liveness.deadline].compactMap { $0 }.min()
  }

  package mutating func pollTransmit() -> XMLElement? { transmits.popFirst() }

  package mutating func pollEvent() -> Event? { events.popFirst() }

  private mutating func makeID() -> String {
    nextID += 1
    return "\(idPrefix)-\(nextID)"
  }

  private mutating func receiveResponse(_ stanza: XMLElement) {
    let isError = stanza.iqType == .error
    switch pending.receive(stanza) {
    case .driver(let id):
      events.append(.response(id, isError ? .error(StanzaError(parsing: stanza)) : .result(stanza)))
    case .roster:
      isRosterKnown = roster.receive(result: stanza)
      announce()
    case .purge: break
    case .time(let requested):
      if let seconds = EntityTime.secondsSince1970(stanza) {
        timeliness.learn(serverTime: seconds, requested: requested)
      }
    case .ping: liveness.pingAnswered()
    // The request was not made here: a Jingle session numbers its own requests and checks who answers them.
    case nil: events.append(.stanza(stanza))
    }
  }

  private func isAnswered(_ stanza: XMLElement) -> Bool {
    guard let mayDiscover = configuration.mayDiscover, !stanza.isOfOwnServer(jid) else { return true }
    return stanza.from.map(mayDiscover) ?? false
  }

  private mutating func receiveRequest(_ stanza: XMLElement) {
    if roster.receive(push: stanza, local: jid) {
      transmits.append(stanza.result())
      if isOnline { announce() }
      return
    }
    guard isAnswered(stanza) else { return events.append(.stanza(stanza)) }
    let answer =
      configuration.discovery.answer(to: stanza) ?? Ping.answer(to: stanza)
      ?? configuration.version.answer(to: stanza)
    if let answer {
      transmits.append(answer)
    } else {
      events.append(.stanza(stanza))
    }
  }
}
