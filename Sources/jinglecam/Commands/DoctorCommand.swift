import ArgumentParser
import Diagnosis
import Logging

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Tests everything that jinglecam serve needs, and says how to fix what is wrong.",
    discussion: """
      Give it the same arguments as serve. It reads the settings, captures and encodes for a moment, logs in, asks the \
      server what it supports, and tests the paths a call may use. Each line is ok, warning (serve works, but not as \
      well as it could), problem, or skipped if something else has to be put right first. The exit code is 0 if there is no problem, otherwise that of the first one: 64 or 78 \
      the settings, 65 or 66 the source or a file, 69 a server, the network or the camera, 75 the camera is in use, 76 a \
      server that cannot be trusted, 77 a password or a permission.

      Examples:
        jinglecam doctor camera --jid cam@example.net --allow ann@example.net
        jinglecam doctor --config /etc/jinglecam/jinglecam.yaml
      """)

  @OptionGroup var options: ServeOptions

  @Flag(help: "Print JSON to standard output, one object per line.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "How much to log on standard error.", valueName: "level"))
  var logLevel: Logger.Level = .error

  func run() async throws {
    let reporter = DoctorPrinter(json: json, style: .output)
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
