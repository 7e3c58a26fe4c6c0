import Logging
import NIOPosix
import SRTP
import UnixSignals

/// `jinglecam serve`, from the first check of the input to the exit status.
package struct ServeSession: Sendable {
  private let configuration: ServeConfiguration
  private let logger: Logger

  package init(_ configuration: ServeConfiguration, logger: Logger) {
    self.configuration = configuration
    self.logger = logger
  }

  package func run() async throws(CommandError) -> ExitStatus {
    let password = try Password.read(file: configuration.account.passwordFile)
    let server = CameraServer(
      configuration, password: password, on: MultiThreadedEventLoopGroup.singleton.next(), logger: logger)
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
    let signalTask = Task { for await _ in signals { await server.stop() } }
    defer { signalTask.cancel() }
    Task.detached { SRTPSession.prepareLibrary() }
    try await server.run()
    return .success
  }
}
