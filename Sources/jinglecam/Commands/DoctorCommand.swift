import ArgumentParser
import Diagnosis
import Logging

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Looks at all that jinglecam serve needs, and says what to do where something is wrong.",
    discussion: """
      Give it what serve is given. It reads the settings, captures and encodes for a moment, logs in, asks the server \
      what it can do, and tries the ways a call may take; a line each: ok, warning (serve works, but not as well as it \
      could) or problem. The exit code is 0 where there is no problem, else that of the first one: 64 or 78 the \
      settings, 65 or 66 the source or a file, 69 a server, the network or the camera, 75 the camera is in use, 76 a \
      server that is not to be trusted, 77 a password or a permission.

      jinglecam doctor camera --jid cam@example.net --allow ann@example.net
      jinglecam doctor --config /etc/jinglecam/jinglecam.yaml
      """)

  @OptionGroup var options: ServeOptions

  @Flag(help: "Print one JSON object a line.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "trace, debug, info, notice, warning, error or critical; the log goes to standard error.", valueName: "level"))
  var logLevel: Logger.Level = .error

  func run() async throws {
    let reporter = DoctorPrinter(json: json)
    try await CommandRunner.run(logLevel: logLevel, report: reporter.report) { logger throws(CommandError) in
      let settings = try CommandError.checking(options.settings)
      let session = DoctorSession(settings, file: options.config, logger: logger, report: reporter.report)
      let visit = await CancellableWork.run { await session.run() }
      guard !visit.isCancelled else { return .interrupted }
      reporter.report(visit.value)
      return ExitStatus(visit.value.cause)
    }
  }
}
