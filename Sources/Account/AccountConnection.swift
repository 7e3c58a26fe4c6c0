import Logging
import NIOCore
import Network
import XMPP

/// The account's connection to its server: made, and made anew for as long as it is wanted (RFC 6120 section 3.3), by
/// resumption of the former stream where the server lets it (XEP-0198). Its executor is the event loop of its streams.
package actor AccountConnection {
  private let eventLoop: any EventLoop
  private let isPersistent: Bool
  /// For lines that others can cause.
  private var log: BoundedLog
  var login: XMPPClient.Configuration
  /// The stream there is.
  package private(set) var client: XMPPClient?
  /// Between two streams, where the former may be resumed.
  private var resumption: Resumption?
  /// When the latest stream was established; nil: there was none yet.
  private var onlineSince: NIODeadline?
  private var backoff = ReconnectBackoff()
  private var outage = OutageCauses()
  var recurrence = RecurringBreak()
  /// The host's addresses at the last attempt.
  private var addresses: Set<SocketAddress> = []
  /// Ends what ``next()`` waits for, and returns when nothing is left of it.
  private var abandon: (@Sendable () async -> Void)?
  private var isStopping = false

  package nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

  /// - Parameter isPersistent: the first stream is waited for as well, and once there was one no error is the last. Else
  ///   it is made anew only where that may help, and under the same address.
  package init(_ login: XMPPClient.Configuration, isPersistent: Bool, on eventLoop: any EventLoop, logger: Logger) {
    self.login = login
    self.login.isResumable = true
    self.isPersistent = isPersistent
    self.eventLoop = eventLoop
    log = BoundedLog(logger: logger)
  }

  var logger: Logger { log.logger }
  private var hasBeenOnline: Bool { onlineSince != nil }

  /// What people read beside our name, from the next session on.
  package var status: String? {
    get { login.session.status }
    set { login.session.status = newValue }
  }

  /// The first stream, and after each that has ended the next one; nil once ``stop()`` was called.
  package func next() async throws(XMPPClientError) -> XMPPClient? {
    var delay = TimeAmount.zero
    if let former = client { delay = try await conclude(former) }
    while !isStopping {
      await pause(delay)
      guard !isStopping else { break }
      do throws(XMPPClientError) {
        let client = try await connect()
        guard !isStopping else {
          await client.close()
          break
        }
        begin(client)
        return client
      } catch {
        guard !isStopping else { break }
        delay = try failed(error)
      }
    }
    return nil
  }

  /// Goes offline, wherever it is on its way to be online, and lets ``next()`` return.
  package func stop() async {
    isStopping = true
    await abandon?()
    await client?.close()
  }

  /// What is said while there is no stream waits for its resumption where that is possible. Else it is lost; a call tells
  /// by its media that it lives.
  package func send(_ stanza: XMLElement) {
    if let client { return client.send(stanza) }
    if resumption?.keep(stanza) == false {
      log.write(.warning, "stanza dropped: too many wait for the server", now: .now())
    }
  }

  // MARK: Steps

  private func connect() async throws(XMPPClientError) -> XMPPClient {
    if resumption?.isPossible(now: .now()) == false { resumption = nil }
    login.resumption = resumption
    addresses = Self.currentAddresses
    let attempt = Task { [login, eventLoop, logger] () -> Result<XMPPClient, XMPPClientError> in
      do throws(XMPPClientError) {
        return .success(try await XMPPClient.connect(login, on: eventLoop, logger: logger))
      } catch {
        return .failure(error)
      }
    }
    abandon = {
      attempt.cancel()
      if case .success(let client) = await attempt.value { await client.close() }
    }
    login.redirection = nil
    return try await attempt.value.get()
  }

  private func begin(_ client: XMPPClient) {
    self.client = client
    let waiting = resumption?.pending(isResumed: client.isResumed, jid: client.jid, lost: client.lost) ?? []
    resumption = nil
    waiting.forEach(client.send)
    outage.end()
    logger.notice("online", metadata: ["jid": "\(client.jid)"])
    onlineSince = .now()
    // Calls that are under way know us by this address.
    login.jid = client.jid
  }

  /// Answers how long to wait before the next attempt.
  private func conclude(_ former: XMPPClient) async throws(XMPPClientError) -> TimeAmount {
    let lasted = onlineSince.map { .now() - $0 } ?? .zero
    resumption = former.resumption(now: .now())
    login.session.timeliness = former.timeliness
    client = nil
    backoff.succeeded(for: lasted)
    let error = await former.closed()
    guard !isStopping else { return .zero }
    logger.notice(
      "the connection was lost, trying again",
      metadata: ["cause": "\(error?.cause ?? "the server closed the stream")"])
    if streamEnded(by: error, after: lasted) { resumption = nil }
    guard let error else { return nextDelay() }
    if case .addressLost? = error.circumstance { return .zero }
    return try retry(after: error)
  }

  private func failed(_ error: XMPPClientError) throws(XMPPClientError) -> TimeAmount {
    let level: Logger.Level = outage.isNew(error.description) ? .notice : .debug
    let delay = try retry(after: error)
    // Once it was online, there is nothing to be done but to wait.
    logger.log(
      level: level, "no connection, trying again",
      metadata: [
        "cause": "\(hasBeenOnline ? error.cause : error.description)",
        "retry-seconds": "\((delay.nanoseconds + 999_999_999) / 1_000_000_000)",
      ])
    return delay
  }

  private func retry(after error: XMPPClientError) throws(XMPPClientError) -> TimeAmount {
    guard isPersistent && hasBeenOnline || error.isPassing && (isPersistent || hasBeenOnline) else { throw error }
    // A server that counts otherwise than we do would do so again.
    if error.kind == .protocolViolation { resumption = nil }
    switch error.circumstance {
    case .redirected(let redirection): login.redirection = redirection
    case .conflict: try leaveAddress(to: error)
    case .addressLost, .hostUnknown, .nameTaken, nil: break
    }
    return nextDelay()
  }

  /// Whoever logged in under our address would be thrown out by us, and throw us out again.
  private func leaveAddress(to error: XMPPClientError) throws(XMPPClientError) {
    guard isPersistent else { throw error }
    resumption = nil
    login.jid = login.jid.bare
    backoff.displaced(now: .now())
  }

  private func nextDelay() -> TimeAmount {
    var generator = SystemRandomNumberGenerator()
    return backoff.failed(now: .now(), using: &generator)
  }

  /// A server does not say that it is back. But an address that is new may be the way to it.
  private func pause(_ time: TimeAmount) async {
    guard time > .zero else { return }
    let pause = Task { [eventLoop] in _ = try? await eventLoop.wait(time) }
    abandon = { pause.cancel() }
    let watch = InterfaceWatch.start(on: eventLoop) { [addresses] in
      if !addresses.isSuperset(of: Self.currentAddresses) { pause.cancel() }
    }
    await pause.value
    watch.stop()
  }

  private static var currentAddresses: Set<SocketAddress> {
    Set(HostInterfaces.addresses(includesLoopback: false))
  }
}
