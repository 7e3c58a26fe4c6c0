import ICE
import Logging
import NIOCore
import NIOPosix
import SRTP
import UnixSignals
import Video
import XMPP

/// `jinglecam stream`: one source, one peer, one call, from the first check of the input to the exit status.
package struct StreamSession: Sendable {
  private let configuration: StreamConfiguration
  private let reporter: any Reporter
  private let logger: Logger

  package init(_ configuration: StreamConfiguration, reporter: any Reporter, logger: Logger) {
    self.configuration = configuration
    self.reporter = reporter
    self.logger = logger
  }

  /// `password`: the account's, where it was read already.
  package func run(password known: String? = nil) async throws(CommandError) -> ExitStatus {
    // Whatever is wrong with the input is said before anything goes over the network.
    let control = EncoderControl()
    let pump = try makePump(control)
    let password = if let known { known } else { try Password.read(file: configuration.account.passwordFile) }
    let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
    let interruption = Interruption()
    // From here on a signal is an orderly end.
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
    let signalTask = Task { for await _ in signals { await interruption.signal() } }
    defer { signalTask.cancel() }
    Task.detached { SRTPSession.prepareLibrary() }
    reporter.report(.loggingIn, detail: nil)
    let client = try await logIn(password: password, on: eventLoop)
    let result: CallResult
    do throws(CommandError) {
      result = try await call(over: client, pump, control, on: eventLoop, interruption)
    } catch {
      await client.close()
      throw error
    }
    await client.close()
    let conclusion = CallConclusion(result, peer: configuration.peer)
    reporter.report(conclusion.summary)
    return conclusion.status
  }

  private func call(
    over client: XMPPClient, _ pump: sending VideoPump, _ control: EncoderControl, on eventLoop: any EventLoop,
    _ interruption: Interruption
  ) async throws(CommandError) -> CallResult {
    let servers = try await gatherServers(from: client)
    let calls = CallSequence(servers: servers.servers, on: eventLoop)
    interruption.call = calls
    VideoThread.start(
      pump,
      deliver: { frame, counters in
        eventLoop.execute { calls.assumeIsolated { $0.send(frame, counters) } }
      },
      ended: { error in
        eventLoop.execute { calls.assumeIsolated { $0.sourceEnded(error) } }
      })
    let renewal = Task { await renew(servers, from: client, for: calls) }
    let stanzas = Task { await calls.receive(from: client) }
    defer {
      renewal.cancel()
      stanzas.cancel()
      control.stop()
    }
    return try await calls.run { servers, streamed throws(CommandError) in
      try makeDriver(client, servers, after: streamed, control: control, on: eventLoop)
    } onNewCall: {
      reporter.report(notice: "the path to \(configuration.peer) was lost; calling again")
    }
  }

  private func logIn(password: String, on eventLoop: any EventLoop) async throws(CommandError) -> XMPPClient {
    let account = configuration.account
    do throws(XMPPClientError) {
      return try await XMPPClient.connect(
        .init(
          jid: account.jid, password: password, server: account.server.map { ($0.host, $0.port) },
          caFile: account.caFile),
        on: eventLoop, logger: logger)
    } catch {
      throw CommandError(error)
    }
  }

  private func makePump(_ control: EncoderControl) throws(CommandError) -> sending VideoPump {
    let source = try SourceFactory.open(configuration)
    source.remark.map(reporter.report(notice:))
    do throws(VideoError) {
      return try VideoPump(source: source, bitrate: configuration.bitrate, threads: 1, control: control)
    } catch {
      throw CommandError("this picture cannot be encoded: \(error)", .dataError)
    }
  }

  private func gatherServers(from client: XMPPClient) async throws(CommandError) -> ICEServerList {
    let servers = await ICEServerList.gather(from: client, configuration: configuration, logger: logger)
    guard configuration.icePolicy == .all || servers.servers.contains(where: \.isRelay) else {
      throw CommandError(
        "--ice-policy relay needs a TURN server, and the XMPP server names none that can be used; give --turn URI",
        .unavailable)
    }
    return servers
  }

  /// - Parameter streamed: how long the calls before were seen.
  private func makeDriver(
    _ client: XMPPClient, _ servers: [ICEServer], after streamed: TimeAmount, control: EncoderControl,
    on eventLoop: any EventLoop
  ) throws(CommandError) -> CallDriver {
    let certificate: Certificate
    do throws(DTLSError) {
      certificate = try Certificate()
    } catch {
      throw CommandError("no certificate for the call could be made: \(error)", .software)
    }
    // Loopback only where the server itself is there: a world of one machine, such as a demonstration.
    let includesLoopback = client.isLoopback
    return CallDriver(
      .init(
        client: client, peer: configuration.peer,
        ice: .init(
          servers: servers, policy: configuration.icePolicy == .relay ? .relay : .all,
          relaxedTURN: configuration.relaxedTURN),
        addresses: { HostInterfaces.addresses(includesLoopback: includesLoopback) },
        ringTimeout: configuration.ringTimeout, oneWay: configuration.oneWay,
        caFile: configuration.account.caFile,
        duration: configuration.duration.map { max(.zero, $0 - streamed) }),
      certificate: certificate, control: control, on: eventLoop, reporter: reporter, logger: logger)
  }

  /// Until it is cancelled: a call may outlast the credentials that it began with.
  private func renew(_ servers: ICEServerList, from client: XMPPClient, for calls: CallSequence) async {
    var servers = servers
    while let time = servers.renewal {
      // Nothing happens that could be awaited instead: the server does not say when credentials lapse.
      guard (try? await Task.sleep(for: .nanoseconds(time.nanoseconds))) != nil else { return }
      servers = await ICEServerList.gather(from: client, configuration: configuration, logger: logger)
      await calls.renewCredentials(of: servers.servers)
    }
  }
}

extension ICEServer {
  fileprivate var isRelay: Bool {
    if case .turn = kind { true } else { false }
  }
}

extension CommandError {
  /// The stream's error is a line for the user already, and its kinds are exit codes.
  init(_ error: XMPPClientError) {
    self.init(error.description, ExitStatus(rawValue: error.exitCode) ?? .software)
  }
}
