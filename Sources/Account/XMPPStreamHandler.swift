import Logging
import NIOCore
import NIOPosix
import NIOTLS
import Network
import XMPP

/// The driver of a `ClientStream` and its `ClientSession`: the last handler of a connection to the server. Everything
/// here runs on the connection's event loop.
final class XMPPStreamHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer
  typealias Completion = (Result<XMLElement, XMPPRequestError>) -> Void

  /// From the connection to the bound resource. Deriving SCRAM's keys is the longest part.
  private static let negotiationTimeout = TimeAmount.seconds(30)
  /// The time in which a server says anything at all.
  private static let silenceTimeout = TimeAmount.seconds(10)
  /// How long the server may take to answer `</stream:stream>`, RFC 6120 section 4.4.
  private static let closeTimeout = TimeAmount.seconds(2)

  private let configuration: XMPPClient.Configuration
  private let target: ConnectionTarget
  private let tls: TLSClientContext
  private let logger: Logger
  private var outlets: StreamOutlets

  private let parser = XMLStreamParser()
  private var stream: ClientStream
  private var session: ClientSession?
  private var completions: [ClientSession.RequestID: Completion] = [:]
  private var context: ChannelHandlerContext?
  private var timers = StreamTimers()
  private var interfaces: InterfaceWatch?
  private var isSecured = false
  private var hasAnswered = false

  init(
    _ configuration: XMPPClient.Configuration, target: ConnectionTarget, tls: TLSClientContext, logger: Logger,
    stanzas: AsyncStream<XMLElement>.Continuation, established: EventLoopPromise<ClientStream.Session>,
    ended: EventLoopPromise<XMPPClientError?>
  ) {
    self.configuration = configuration
    self.target = target
    self.tls = tls
    self.logger = logger
    outlets = StreamOutlets(stanzas: stanzas, established: established, ended: ended, logger: logger)
    var generator = SystemRandomNumberGenerator()
    let resource =
      configuration.jid.resource
      ?? configuration.resourcePrefix + "." + String(UInt32.random(in: .min ... .max, using: &generator), radix: 36)
    var login = ClientStream.Configuration(
      jid: configuration.jid, password: configuration.password, resource: resource)
    login.hadSCRAM = configuration.scramAccounts.contains(configuration.jid)
    login.isResumable = configuration.isResumable
    login.resumption = configuration.resumption
    login.registration = configuration.registration
    stream = ClientStream(login, generator: &generator)
  }

  private var hasEnded: Bool { outlets.hasEnded }

  // MARK: What the client asks for

  func send(_ stanza: XMLElement) {
    guard session != nil else { return }
    write(stanza)
  }

  func request(_ iq: XMLElement, timeout: TimeAmount, _ completion: @escaping Completion) {
    guard session != nil, !hasEnded else { return completion(.failure(.closed)) }
    if let id = session?.request(iq, timeout: timeout, now: .now()) { completions[id] = completion }
    drain()
  }

  func announce(status: String?) {
    session?.announce(status: status)
    drain()
  }

  var roster: Roster { session?.roster ?? Roster() }

  var timeliness: Timeliness? { session?.timeliness }

  /// Whether the server keeps the session for a while where the connection breaks (XEP-0198), as it has said so far.
  var isResumable: Bool { stream.management?.id != nil }

  /// What is left once the stream has broken off, where it may be resumed.
  func resumption(now: NIODeadline) -> Resumption? {
    guard hasEnded, let session, let management = stream.management else { return nil }
    return Resumption(management, session, now: now)
  }

  func close() {
    guard let context, !hasEnded else { return }
    perform(stream.close())
    timers.setLimit(Self.closeTimeout, on: context.eventLoop) { self.finish(nil) }
  }

  // MARK: ChannelInboundHandler

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive { connected(context) }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    finish(.disconnected(configuration.jid.domain, "connection closed"))
    self.context = nil
  }

  func channelActive(context: ChannelHandlerContext) {
    connected(context)
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    hasAnswered = true
    session?.heard(now: .now())
    parser.receive(unwrapInboundIn(data))
    while !hasEnded, let event = parser.pollEvent() { perform(stream.receive(event)) }
    drain()
  }

  func channelInactive(context: ChannelHandlerContext) {
    finish(.disconnected(configuration.jid.domain, "the server closed the connection"))
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case TLSUserEvent.handshakeCompleted(let negotiatedProtocol) = event {
      logger.debug("TLS established", metadata: ["alpn": "\(negotiatedProtocol ?? "none")"])
      isSecured = true
      perform(stream.secured(by: tls.channelBindings(in: context.pipeline.syncOperations)))
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    let domain = configuration.jid.domain
    guard let failure = TLSFailure(error, in: context) else {
      // A server that closes without TLS's own goodbye, as many do, has still said its `</stream:stream>` or not.
      return finish(.disconnected(domain, TLSClientContext.reason(error)))
    }
    finish(.tls(failure, domain: domain))
  }

  // MARK: Steps

  private func connected(_ context: ChannelHandlerContext) {
    guard !timers.hasLimit else { return }
    let domain = configuration.jid.domain
    let eventLoop = context.eventLoop
    timers.setLimit(Self.silenceTimeout, on: eventLoop) {
      guard self.hasAnswered || self.isSecured else {
        return self.finish(.silent(self.target, isNamed: self.configuration.server != nil))
      }
      self.timers.setLimit(Self.negotiationTimeout - Self.silenceTimeout, on: eventLoop) {
        self.finish(.disconnected(domain, "no answer in 30 s"))
      }
    }
    let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
    interfaces = InterfaceWatch.start(on: context.eventLoop) { handler.value.interfacesChanged() }
    if target.isDirectTLS {
      startTLS(context)
    } else {
      perform(stream.opened())
    }
  }

  /// A connection whose address is gone carries nothing any more, and TCP does not say so for minutes. Another address may
  /// have another way to the server, or it is on another way now: that is asked.
  private func interfacesChanged() {
    guard let address = context?.channel.localAddress, !hasEnded else { return }
    guard HostInterfaces.isPresent(address) else {
      return finish(.addressLost(configuration.jid.domain, address.ipAddress ?? ""))
    }
    session?.probe(now: .now())
    drain()
  }

  private func perform(_ action: ClientStream.Action) {
    guard let context, !hasEnded else { return }
    switch action {
    case .wait: break
    case .send(let bytes): context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    case .startTLS:
      parser.restart()
      startTLS(context)
    case .restart(let bytes):
      parser.restart()
      context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    case .derive(let derivation):
      NIOThreadPool.singleton.runIfActive(eventLoop: context.eventLoop) { derivation.derive() }
        .assumeIsolated().whenComplete { keys in
          guard !self.hasEnded else { return }
          self.perform(self.stream.derived((try? keys.get()) ?? nil))
        }
    case .established(let session, let bytes):
      if let bytes { context.writeAndFlush(wrapOutboundOut(bytes), promise: nil) }
      begin(session)
    case .stanza(let stanza):
      session?.receive(stanza, now: .now())
      // At once: it counts as handled, and the next event may end the stream.
      drain()
    case .close(let bytes):
      if let bytes { context.writeAndFlush(wrapOutboundOut(bytes), promise: nil) }
      finish(timers.hasLimit ? nil : .disconnected(configuration.jid.domain, "the server closed the stream"))
    case .fail(let error, let bytes):
      context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
      finish(
        error == .sasl(.scramWithdrawn)
          ? .scramWithdrawn(configuration.jid, cure: configuration.scramAccounts.cure)
          : .stream(
            error, jid: session?.jid ?? configuration.jid, target: target, isNamed: configuration.server != nil,
            isSecured: isSecured))
    }
  }

  /// What is verified is the JID's domain, whatever host we connected to (RFC 6120 section 13.7.2.1).
  private func startTLS(_ context: ChannelHandlerContext) {
    do {
      let handler = try tls.makeHandler(serverName: configuration.jid.domain)
      try context.pipeline.syncOperations.addHandler(handler, position: .before(self))
    } catch {
      finish(
        XMPPClientError(
          .configuration, "\(configuration.jid.domain) is not a name that a certificate can have", cure: "check --jid"))
    }
  }

  private func begin(_ established: ClientStream.Session) {
    timers.removeLimit()
    if established.hadSCRAM, let unreadable = configuration.scramAccounts.insert(configuration.jid) {
      logger.warning(
        "which accounts had SCRAM is not known, and not saved: make the file readable and restart jinglecam",
        metadata: ["file": "\(unreadable.path)", "cause": "\(unreadable.cause)"])
    }
    if established.isResumed, let former = configuration.resumption {
      session = former.session
      session?.resume(now: .now(), wallClock: WallClock.secondsSince1970)
      logger.info("XMPP stream resumed", metadata: ["jid": "\(established.jid)"])
    } else {
      var generator = SystemRandomNumberGenerator()
      session = ClientSession(jid: established.jid, configuration.session, generator: &generator, now: .now())
      session?.start(now: .now(), wallClock: WallClock.secondsSince1970)
      logger.info("XMPP stream established", metadata: ["jid": "\(established.jid)"])
    }
    drain()
    outlets.succeed(established)
  }

  /// Carries out what the session has come up with, and sets the timer for what it will.
  private func drain() {
    writeTransmits()
    while let event = session?.pollEvent() {
      switch event {
      case .stanza(let stanza): outlets.deliver(stanza).map(write)
      case .response(let id, let response): completions.removeValue(forKey: id)?(response.result)
      case .silent: finish(.disconnected(configuration.jid.domain, "no answer to a ping"))
      }
    }
    setTimer()
  }

  /// Writes all that the session sends at once as one piece. A server that has only the first presence of a
  /// ``QuietLogin`` stores the calls that come then, and nobody fetches them.
  private func writeTransmits() {
    var bytes = ByteBuffer()
    while let stanza = session?.pollTransmit() {
      let action = stream.send(stanza)
      guard case .send(var more) = action else {
        if bytes.readableBytes > 0 { perform(.send(bytes)) }
        bytes.clear()
        perform(action)
        continue
      }
      bytes.writeBuffer(&more)
    }
    if bytes.readableBytes > 0 { perform(.send(bytes)) }
  }

  private func write(_ stanza: XMLElement) {
    let action = stream.send(stanza)
    perform(action)
  }

  private func setTimer() {
    guard let context, !hasEnded, let deadline = session?.deadline else { return }
    timers.setDeadline(deadline, on: context.eventLoop) {
      self.timers.deadlineReached()
      self.session?.handleTimeout(now: .now())
      self.drain()
    }
  }

  /// Ends it all, once; nil where the end was asked for.
  private func finish(_ error: XMPPClientError?) {
    guard outlets.end() else { return }
    var error = error
    error?.hasRegistered = stream.hasRegistered
    error?.isRegistrationUnanswered = stream.awaitsRegistration
    timers.cancel()
    interfaces?.stop()
    for completion in completions.values { completion(.failure(.closed)) }
    completions.removeAll()
    outlets.tellEnd(error, domain: configuration.jid.domain)
    context?.close(promise: nil)
  }
}

extension ClientSession.Response {
  fileprivate var result: Result<XMLElement, XMPPRequestError> {
    switch self {
    case .result(let stanza): .success(stanza)
    case .error(let error): .failure(.stanza(error))
    case .timedOut: .failure(.timedOut)
    }
  }
}
