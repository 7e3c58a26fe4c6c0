import Account
import Call
import Capture
import ICE
import Jingle
import Logging
import NIOCore
import NIOPosix
import Network
import SRTP
import Settings
import Studio
import UnixSignals
import XMPP

/// `jinglecam stream`: one source, one peer, one call, from the first check of the input to the end.
package struct StreamSession: Sendable {
  private let configuration: StreamConfiguration
  private let reporter: any Reporter
  private let logger: Logger
  private let record: Record?
  private let abort: @Sendable () -> Void

  /// Takes what is known of a call that has been streaming since then, at a moment.
  package typealias Record =
    @Sendable (_ statistics: CallStatistics, _ streamingSince: NIODeadline, _ time: NIODeadline) -> Void

  private static let recordInterval = TimeAmount.milliseconds(100)

  /// - Parameters:
  ///   - record: is told ten times a second what is known of a call while pictures are sent; nil: nobody asks.
  ///   - abort: ends the program on the spot, at a signal while nothing is under way that could be ended in order, and at
  ///     the second one.
  package init(
    _ configuration: StreamConfiguration, reporter: any Reporter, logger: Logger,
    record: Record? = nil, abort: @escaping @Sendable () -> Void
  ) {
    self.configuration = configuration
    self.reporter = reporter
    self.logger = logger
    self.record = record
    self.abort = abort
  }

  /// `password`: the account's, where it was read already. What the call came to is returned, and not reported.
  package func run(password known: String? = nil) async throws(StreamError) -> FinishedCall {
    // Whatever is wrong with the input is said before anything goes over the network.
    let control = EncoderControl()
    let reporter = reporter
    if configuration.peer == configuration.account.jid.bare {
      reporter.report(
        notice: "\(configuration.peer) is this computer's own account: only another client that uses it can ring")
    }
    let speaker = try openSpeaker()
    defer { speaker?.stop() }
    let pump = try openSource(control, echo: speaker?.echo)
    let password = if let known { known } else { try configuration.account.readPassword() }
    let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
    let interruption = Interruption(abort: abort)
    // From here on a signal is an orderly end.
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
    let signalTask = Task { for await _ in signals { await interruption.signal() } }
    defer { signalTask.cancel() }
    Task.detached { SRTPSession.prepareLibrary() }
    reporter.report(.loggingIn, detail: nil)
    let connection = AccountConnection(
      .init(configuration.account, password: password), isPersistent: false, on: eventLoop, logger: logger)
    let finished: FinishedCall
    do throws(StreamError) {
      finished = try await call(over: connection, pump, control, speaker, on: eventLoop, interruption)
    } catch {
      await connection.stop()
      throw error
    }
    await connection.stop()
    return finished
  }

  private func openSpeaker() throws(StreamError) -> Speaker? {
    guard let configuration = configuration.speaker else { return nil }
    let reporter = reporter
    do throws(SpeakerError) {
      return try Speaker.open(configuration) { trouble in
        reporter.report(notice: trouble?.description ?? "the loudspeaker is back")
      }
    } catch {
      throw .source(.speaker(error))
    }
  }

  private func openSource(_ control: EncoderControl, echo: EchoPath?) throws(StreamError) -> sending VideoPump {
    let (reporter, logger) = (reporter, logger)
    do throws(StudioError) {
      let pump = try VideoPump.make(
        configuration.video, control: control, echo: echo, onPause: { reporter.report(notice: $0) },
        onRemark: { reporter.report(notice: $0) }, onDetail: { logger.debug("\($0)") },
        onMicrophoneTrouble: { reporter.report(notice: $0.line) })
      pump.onTrouble = { reporter.report(notice: $0.line) }
      return pump
    } catch {
      throw .source(error)
    }
  }

  private func call(
    over connection: AccountConnection, _ pump: sending VideoPump, _ control: EncoderControl,
    _ speaker: Speaker?, on eventLoop: any EventLoop, _ interruption: Interruption
  ) async throws(StreamError) -> FinishedCall {
    guard interruption.set(connection.stop), let client = try await logIn(over: connection) else {
      throw .cancelled
    }
    let servers = await gatherServers(from: client)
    let calls = CallSequence(servers: servers.servers, on: eventLoop)
    guard interruption.set(calls.interrupt) else { throw .cancelled }
    let hasSound = pump.hasSound
    VideoThread.start(
      pump,
      deliver: { frame, counters in
        eventLoop.execute { calls.assumeIsolated { $0.send(frame, counters) } }
      },
      deliverSound: { sound, counters in
        eventLoop.execute { calls.assumeIsolated { $0.send(sound, counters) } }
      },
      ended: { error in
        eventLoop.execute { calls.assumeIsolated { $0.sourceEnded(error) } }
      })
    let renewal = Task {
      await servers.keepFresh(
        on: eventLoop, by: { await gatherServers(from: connection.client ?? client) }, calls.renewCredentials)
    }
    let stanzas = Task {
      await calls.receive(over: connection, from: client) { await refuse($0, over: connection) }
    }
    let recording = record.map { record in
      eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: Self.recordInterval) { _ in
        calls.assumeIsolated { $0.record(now: .now(), by: record) }
      }
    }
    defer {
      recording?.cancel()
      renewal.cancel()
      stanzas.cancel()
      control.stop()
    }
    return try await calls.run { servers, streamed throws(StreamError) in
      try makeDriver(
        client, over: connection, servers, after: streamed, hasSound: hasSound, voice: speaker?.makeVoice(),
        control: control,
        on: eventLoop)
    } onNewCall: {
      reporter.report(notice: "the path to \(configuration.peer) was lost; calling again")
    }
  }

  private func logIn(over connection: AccountConnection) async throws(StreamError) -> XMPPClient? {
    do throws(XMPPClientError) {
      return try await connection.next()
    } catch {
      throw .account(error)
    }
  }

  private func gatherServers(from client: XMPPClient) async -> ICEServerList {
    await ICEServerList.gather(from: client, configuration: configuration.connectivity, logger: logger)
  }

  /// - Parameter streamed: how long the calls before were seen.
  private func makeDriver(
    _ client: XMPPClient, over connection: AccountConnection, _ servers: [ICEServer], after streamed: TimeAmount,
    hasSound: Bool, voice: SpeakerVoice?, control: EncoderControl, on eventLoop: any EventLoop
  ) throws(StreamError) -> CallDriver {
    let ice = try configuration.connectivity.ice(servers)
    // Loopback only where the server itself is there: a world of one machine, such as a demonstration.
    let includesLoopback = client.isLoopback
    return CallDriver(
      .init(
        send: { stanza in connection.assumeIsolated { $0.send(stanza) } }, ice: { () throws(StreamError) in ice },
        addresses: { HostInterfaces.addresses(includesLoopback: includesLoopback) }, oneWay: configuration.oneWay,
        caFile: configuration.account.caFile,
        duration: configuration.duration.map { max(.zero, $0 - streamed) }, hasSound: { hasSound }, voice: voice),
      .outgoing(
        OutgoingCall(
          sid: Self.newSessionID(), local: client.jid, peer: configuration.peer, media: [.audio, .video],
          configuration: .init(ringTimeout: configuration.ringTimeout))),
      certificate: try Certificate.forCall(), feed: control, on: eventLoop, reporter: reporter, logger: logger)
  }

  /// 128 random bits: sids must not be guessed, since they are all that a JMI message names a call by.
  package static func newSessionID() -> String {
    var generator = SystemRandomNumberGenerator()
    return String(generator.next() as UInt64, radix: 36) + String(generator.next() as UInt64, radix: 36)
  }

  /// This command takes no calls: contacts hear that we are busy, strangers what a server would say of an account that
  /// is offline.
  private func refuse(_ stanza: XMLElement, over connection: AccountConnection) async {
    guard let client = await connection.client else { return }
    let answers = IncomingRefusal.answers(
      to: stanza, isTrusted: await isTrusted(stanza.from, client), reason: Reason(.busy))
    if answers.isEmpty {
      client.refuse(stanza)
    }
    answers.forEach(client.send)
  }

  private func isTrusted(_ sender: JID?, _ client: XMPPClient) async -> Bool {
    guard let account = sender?.bare else { return false }
    let subscription = await client.roster()[account]?.subscription
    return account == configuration.peer.bare || subscription == .from || subscription == .both
  }
}
