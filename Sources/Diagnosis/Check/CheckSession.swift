import Logging
import NIOCore
import NIOPosix
import Network
import Settings
import Streamer

/// `jinglecam check`: one check, or one after the other.
package struct CheckSession: Sendable {
  private let configuration: CheckConfiguration
  private let reporter: any CheckReporter
  private let logger: Logger

  package init(_ configuration: CheckConfiguration, reporter: any CheckReporter, logger: Logger) {
    self.configuration = configuration
    self.reporter = reporter
    self.logger = logger
  }

  /// Repeated checks go on until the task is cancelled, also after one that failed: it may pass, and failures are what is
  /// watched for.
  ///
  /// - Throws: what is wrong before the first of them.
  package func run() async throws(StreamError) -> CheckResult {
    var password: String?
    if let account = configuration.account { password = try account.readPassword() }
    var last = CheckResult.cancelled
    while true {
      let round = CheckRound(
        configuration: configuration, password: password, reporter: reporter, logger: logger,
        eventLoop: MultiThreadedEventLoopGroup.singleton.next())
      do throws(StreamError) {
        guard let verdict = try await round.run() else { return last }
        last = .verdict(verdict)
      } catch {
        reporter.report(error)
        last = .failed(error)
      }
      guard let interval = configuration.interval, !Task.isCancelled else { return last }
      let pause = max(round.startedAt + interval - .now(), .zero)
      // Nothing happens that could be awaited instead: the user asked for the pause.
      guard (try? await round.eventLoop.wait(pause)) != nil else { return last }
    }
  }
}

/// How a check, or the last of several, ended.
package enum CheckResult: Sendable {
  case verdict(CheckVerdict)
  /// The reporter was told of it.
  case failed(StreamError)
  /// Before there was anything to tell.
  case cancelled
}
