import Logging
import NIOCore
import NIOPosix
import Network
import Settings

/// `jinglecam check`: one check, or one after the other, to the exit status of the last.
package struct CheckSession: Sendable {
  private let configuration: CheckConfiguration
  private let reporter: CheckReporter
  private let logger: Logger

  package init(_ configuration: CheckConfiguration, reporter: CheckReporter, logger: Logger) {
    self.configuration = configuration
    self.reporter = reporter
    self.logger = logger
  }

  package func run() async throws(CommandError) -> ExitStatus {
    var password: String?
    if let account = configuration.account { password = try account.readPassword() }
    let result = await CancellableWork.run { [password] () -> Result<ExitStatus, CommandError> in
      do throws(CommandError) { return .success(try await run(password: password)) } catch { return .failure(error) }
    }
    return try result.value.get()
  }

  private func run(password: String?) async throws(CommandError) -> ExitStatus {
    var last: ExitStatus?
    while true {
      let round = CheckRound(
        configuration: configuration, password: password, reporter: reporter, logger: logger,
        eventLoop: MultiThreadedEventLoopGroup.singleton.next())
      do throws(CommandError) {
        let status = try await round.run()
        guard !Task.isCancelled else { return last ?? status }
        last = status
      } catch {
        // What may pass is worth another try, and the others go on as well: that is what is watched for.
        guard configuration.interval != nil else { throw error }
        reporter.report(error)
        last = error.status
      }
      guard let interval = configuration.interval, !Task.isCancelled else { return last ?? .interrupted }
      let pause = max(round.startedAt + interval - .now(), .zero)
      // Nothing happens that could be awaited instead: the user asked for the pause.
      guard (try? await round.eventLoop.wait(pause)) != nil else { return last ?? .interrupted }
    }
  }
}
