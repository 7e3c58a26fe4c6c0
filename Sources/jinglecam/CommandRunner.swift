import ArgumentParser
import Glibc
import Logging

/// Turns what a command throws into one line on standard error and an exit status.
enum CommandRunner {
  static func run(
    logLevel: Logger.Level, logFormat: LogFormat = .text, report: (CommandError) -> Void,
    _ body: (Logger) async throws(CommandError) -> ExitStatus
  ) async throws {
    CoreDump.forbid()
    // A reader that has gone is an error of write(2), and no end.
    signal(SIGPIPE, SIG_IGN)
    LoggingSystem.bootstrap { _ in LineLogHandler(format: logFormat) }
    var logger = Logger(label: "jinglecam")
    logger.logLevel = logLevel
    defer { StandardStream.drain() }
    let status: ExitStatus
    do throws(CommandError) {
      status = try await body(logger)
    } catch {
      report(error)
      throw ExitCode(error.status.rawValue)
    }
    guard status == .success else { throw ExitCode(status.rawValue) }
  }
}
