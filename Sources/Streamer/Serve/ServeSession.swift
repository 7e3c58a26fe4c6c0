import Logging
import NIOPosix
import SRTP
import UnixSignals

/// `jinglecam serve`, from the first check of the input to the exit status.
package struct ServeSession: Sendable {
  private let configuration: ServeConfiguration
  private let reload: @Sendable () throws(CommandError) -> ServeConfiguration
  private let logger: Logger

  /// - Parameter reload: reads the settings anew, at SIGHUP.
  package init(
    _ configuration: ServeConfiguration, reload: @escaping @Sendable () throws(CommandError) -> ServeConfiguration,
    logger: Logger
  ) {
    self.configuration = configuration
    self.reload = reload
    self.logger = logger
  }

  package func run() async throws(CommandError) -> ExitStatus {
    let password = try Password.read(file: configuration.account.passwordFile)
    let server = CameraServer(
      configuration, password: password, on: MultiThreadedEventLoopGroup.singleton.next(), logger: logger)
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
    let signalTask = Task {
      for await signal in signals {
        if signal == .sighup { await apply(to: server) } else { await server.stop() }
      }
    }
    defer { signalTask.cancel() }
    Task.detached { SRTPSession.prepareLibrary() }
    try await server.run()
    return .success
  }

  private func apply(to server: CameraServer) async {
    do throws(CommandError) {
      await server.apply(try reload())
      logger.notice("settings read again")
    } catch {
      logger.error("the settings stay as they were", metadata: ["cause": "\(error)"])
    }
  }
}
