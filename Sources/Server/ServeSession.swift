import Account
import Capture
import Glibc
import Logging
import NIOCore
import NIOPosix
import Network
import SRTP
import Settings
import State
import UnixSignals

/// `jinglecam serve`, from the first check of the input to the end.
package struct ServeSession: Sendable {
  private let configuration: ServeConfiguration
  private let output: ServeOutput
  private let reload: @Sendable () throws(SettingError) -> ServeConfiguration

  /// - Parameter reload: reads the settings anew, at SIGHUP.
  package init(
    _ configuration: ServeConfiguration, output: ServeOutput,
    reload: @escaping @Sendable () throws(SettingError) -> ServeConfiguration
  ) {
    self.configuration = configuration
    self.output = output
    self.reload = reload
  }

  package func run() async throws(ServeError) {
    let password = try readPassword()
    let notifier = ServiceNotifier.fromEnvironment()
    // A service waits for what is mounted, or made by another program, after it has started.
    if notifier == nil {
      do throws(CaptureError) {
        try SourcePresence.requireFile(configuration.video.source)
      } catch {
        throw .source(error)
      }
    }
    let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
    let people = AllowedPeople(in: PeopleFile(of: configuration.account.jid, in: StateDirectory.path))
    let server = CameraServer(configuration, people, password: password, on: eventLoop, output: output)
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
    let signalTask = Task {
      for await signal in signals {
        if signal == .sighup {
          await apply(to: server)
        } else {
          notifier?.stopping()
          await server.stop()
        }
      }
    }
    defer { signalTask.cancel() }
    Task.detached { SRTPSession.prepareLibrary() }
    let metrics = try await openMetrics(of: server, on: eventLoop)
    defer { metrics?.close() }
    let status = await openStatus(of: server, on: eventLoop)
    defer { status?.close() }
    tellStart(configuration.access.extended(by: people.roles))
    notifier?.ready()
    // From the event loop: where it hangs, nothing else helps than a restart.
    let pulse = notifier?.watchdog.map { limit in
      eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .nanoseconds(limit.nanoseconds / 3)) { _ in
        notifier?.alive()
      }
    }
    defer { pulse?.cancel() }
    try await server.run()
    output.logger.notice("stopped")
  }

  private func tellStart(_ access: AccessList) {
    let account = configuration.account
    output.logger.notice(
      "started",
      metadata: [
        "version": "\(Version.text)", "jid": "\(account.jid)",
        "source": "\(NetworkAddress.shown(configuration.video.source))", "allow": "\(access)",
      ])
    if let warning = configuration.video.warning { output.logger.warning("\(warning)") }
    // What systemd lends to a service alone is safe, whatever its bits say.
    if let file = account.passwordFile, file != Password.systemdCredential,
      SecretFile.look(at: file)?.isReadableByAll == true
    {
      output.logger.warning(
        "every user of this computer can read the password file: protect it with chmod 600",
        metadata: ["file": "\(file)"])
    }
  }

  private func readPassword() throws(ServeError) -> String {
    do throws(SettingError) {
      return try Password.read(file: configuration.account.passwordFile)
    } catch {
      throw .setting(error)
    }
  }

  private func openMetrics(
    of server: CameraServer, on eventLoop: any EventLoop
  ) async throws(ServeError) -> MetricsServer? {
    guard let address = configuration.metrics else { return nil }
    return try await MetricsServer.open(address, on: eventLoop) { server.assumeIsolated { $0.metrics } }
  }

  /// For `jinglecam stats`, without which a camera can be called as well.
  private func openStatus(of server: CameraServer, on eventLoop: any EventLoop) async -> StatusServer? {
    guard let directory = RuntimeDirectory.path else { return nil }
    do {
      return try await StatusServer.open(in: directory, on: eventLoop) { server.assumeIsolated { $0.status } }
    } catch {
      let cause = error as? IOError
      // Another program of the same user, which has the place: the first one.
      output.logger.log(
        level: cause?.errnoCode == EADDRINUSE ? .info : .warning, "jinglecam stats cannot show this camera",
        metadata: [
          "socket": "\(directory)/\(StatusServer.name)",
          "cause": "\(cause.map { String(cString: strerror($0.errnoCode)) } ?? NetworkFailure.reason(error))",
        ])
      return nil
    }
  }

  private func apply(to server: CameraServer) async {
    do throws(SettingError) {
      await server.apply(try reload())
      output.logger.notice("settings read again")
    } catch {
      output.logger.error("the new settings are wrong, the old ones stay in force", metadata: ["cause": "\(error)"])
    }
  }
}
