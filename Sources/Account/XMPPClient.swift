import Logging
import NIOCore
import NIOPosix
import Network
import XMPP

/// One stream to the user's server, RFC 6120, from connecting to its end; who wants another makes another client.
///
/// All of it runs on the given event loop; methods may be called from anywhere and cost no hop when called on it.
package final class XMPPClient: Sendable {
  /// The full JID that the server bound.
  package let jid: JID
  /// Whether the stream of the configuration's `resumption` goes on; else what was lost with it.
  package let isResumed: Bool
  package let lost: [XMLElement]
  /// What the built-in answers did not take, ending with the stream. A request (`isRequest`) among them must be
  /// answered: by who understands it, or by `refuse(_:)`. For one reader.
  package let stanzas: AsyncStream<XMLElement>

  private let channel: any Channel
  private let handler: NIOLoopBound<XMPPStreamHandler>
  private let ended: EventLoopFuture<XMPPClientError?>

  init(_ connection: Connection, _ session: ClientStream.Session) {
    jid = session.jid
    isResumed = session.isResumed
    lost = session.lost
    stanzas = connection.stanzas
    channel = connection.channel
    handler = connection.handler
    ended = connection.ended
  }

  /// Finds the server, connects, authenticates, binds, and goes online. Where the task is cancelled meanwhile, nothing is
  /// left of it.
  package static func connect(
    _ configuration: Configuration, on loop: any EventLoop, logger: Logger
  ) async throws(XMPPClientError) -> XMPPClient {
    let domain = configuration.jid.domain
    guard configuration.jid.local != nil else {
      throw XMPPClientError(
        .configuration, "\(configuration.jid) is not an account", cure: "give --jid as NAME@\(domain)")
    }
    var targets = ConnectionTargets(try await configuration.targets(on: loop))
    var failure: XMPPClientError?
    while let target = targets.next() {
      do {
        return try await connectInEitherSpelling(configuration, to: target, on: loop, logger: logger)
      } catch {
        logger.debug("no stream", metadata: ["target": "\(target.text)", "cause": "\(error)"])
        guard !error.mayHaveRegistered else { throw error }
        var error = error
        if case .redirected(let redirection)? = error.circumstance {
          if targets.redirect(from: target, to: try await redirection.targets(on: loop)) { continue }
          error = .circularRedirection(domain, from: target)
        } else if let origin = targets.origin(of: target) {
          error = .elsewhere(error, sentBy: origin)
        }
        guard error.isWorthAnotherTarget else { throw error }
        // What a server did wrong tells more than that another cannot be reached.
        if failure == nil || failure?.kind == .unreachable { failure = error }
      }
    }
    throw failure ?? .noService(domain)
  }

  /// A domain is sent in U-labels (RFC 7622 section 3.2), but a server compares it with its own name as its administrator
  /// wrote that: where that is in A-labels, it knows itself by no other.
  private static func connectInEitherSpelling(
    _ configuration: Configuration, to target: ConnectionTarget, on loop: any EventLoop, logger: Logger
  ) async throws(XMPPClientError) -> XMPPClient {
    do {
      return try await connect(configuration, to: target, on: loop, logger: logger)
    } catch {
      let jid = configuration.jid
      guard error.circumstance == .hostUnknown, !error.mayHaveRegistered,
        let other = [jid.inALabels, jid.inULabels].first(where: { $0.description != jid.description })
      else { throw error }
      var configuration = configuration
      configuration.jid = other
      return try await connect(configuration, to: target, on: loop, logger: logger)
    }
  }

  /// Whether the server runs on this very host.
  package var isLoopback: Bool { channel.remoteAddress.map(HostInterfaces.isLoopback) ?? false }

  package func send(_ stanza: XMLElement) {
    if channel.eventLoop.inEventLoop { return handler.value.send(stanza) }
    let handler = handler
    channel.eventLoop.execute { handler.value.send(stanza) }
  }

  /// Sends an iq of type get or set, whose id is made here, and returns the result, checked to be from whom it must.
  package func request(
    _ iq: XMLElement, timeout: TimeAmount = .seconds(15)
  ) async throws(XMPPRequestError) -> XMLElement {
    let handler = handler
    let loop = channel.eventLoop
    let result: Result<XMLElement, XMPPRequestError> = await withCheckedContinuation { continuation in
      loop.execute { handler.value.request(iq, timeout: timeout) { continuation.resume(returning: $0) } }
    }
    return try result.get()
  }

  /// Answers what nobody understands (RFC 6120 section 8.4) as the server would if we were not there.
  package func refuse(_ stanza: XMLElement) {
    stanza.unavailableReply.map(send)
  }

  /// Returns when the server has taken all that was sent before: it answers in order.
  package func settled() async { _ = try? await request(Ping.request(id: "", to: jid.server), timeout: .seconds(5)) }

  /// Tells those who may know of it our presence, with what people read beside our name. Call it on the event loop.
  package func announce(status: String?) { handler.value.announce(status: status) }

  /// What is known of the time, for the session after this one. Call it on the event loop.
  var timeliness: Timeliness? { handler.value.timeliness }

  package func roster() async -> Roster {
    let handler = handler
    return (try? await channel.eventLoop.submit { handler.value.roster }.get()) ?? Roster()
  }

  /// Whether the server keeps the session for a while where the connection breaks (XEP-0198). It says so soon after the
  /// login; once it has answered any request, it has.
  package func isResumable() async -> Bool {
    let handler = handler
    return (try? await channel.eventLoop.submit { handler.value.isResumable }.get()) ?? false
  }

  /// What is left of a stream that broke off, for another client to resume it; nil where there is nothing. Call it on
  /// the event loop, and what is sent later is lost.
  package func resumption(now: NIODeadline) -> Resumption? {
    handler.value.resumption(now: now)
  }

  /// Waits for the stream's end: why it ended, or nil where `close()` did it.
  package func closed() async -> XMPPClientError? {
    (try? await ended.get()) ?? nil
  }

  /// Ends the stream in order, RFC 6120 section 4.4, and the connection in any case.
  package func close() async {
    let handler = handler
    channel.eventLoop.execute { handler.value.close() }
    try? await channel.closeFuture.get()
  }
}
