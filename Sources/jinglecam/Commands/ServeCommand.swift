import ArgumentParser
import Capture
import Logging
import Server
import Settings
import Streamer
import XMPP

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Stays online and answers calls from those who may watch the camera.",
    discussion: """
      Those who are allowed call this account from their own clients and see the picture. Nobody else learns that \
      there is a camera. It runs until Ctrl-C; SIGHUP makes it read the file again.

      Examples:
        jinglecam serve camera --jid cam@example.net --allow ann@example.net
        jinglecam serve camera --jid cam@example.net \\
          --allow ann@example.net --allow bob@example.net
        jinglecam serve --config /etc/jinglecam/jinglecam.yaml
      """)

  @OptionGroup var options: ServeOptions

  @Flag(help: "Check the settings, list everything that is wrong, and exit.")
  var checkConfig = false

  @Flag(help: "Log to standard output as JSON, one object per line.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "How much to log on standard error.", valueName: "level"))
  var logLevel: Logger.Level = .notice

  func run() async throws {
    let logFormat: LogFormat = json ? .json : .text
    let reporter = CommandReporters.make(json: json)
    try await CommandRunner.run(logLevel: logLevel, logFormat: logFormat, report: reporter.report) {
      logger throws(CommandError) in
      let flags = try CommandError.checking(options.settings)
      let load: @Sendable () throws(SettingError) -> ServeConfiguration = {
        [config = options.config] () throws(SettingError) in
        guard let config else { return try flags.configuration() }
        return try flags.over(ConfigurationFile.read(config)).configuration()
      }
      let merged = try CommandError.checking { () throws(SettingError) in try settings(over: flags) }
      let problems = merged.problems
      problems.forEach { reporter.report(CommandError($0)) }
      if let first = problems.first { return ExitStatus(first.kind) }
      let configuration = try CommandError.checking(load)
      if checkConfig { return check(configuration, merged, report: reporter.report) }
      let output = ServeOutput(logger: logger, reporter: json ? Self.reporter : nil) { StandardStream.textsLost }
      do throws(ServeError) {
        try await ServeSession(configuration, output: output, reload: load).run()
        return .success
      } catch {
        throw CommandError(error)
      }
    }
  }

  private func settings(over flags: ServeSettings) throws(SettingError) -> ServeSettings {
    guard let config = options.config else { return flags }
    return flags.over(try ConfigurationFile.read(config))
  }

  /// Of `--check-config`, once the settings are right by themselves: what they name has to be right as well.
  private func check(
    _ configuration: ServeConfiguration, _ settings: ServeSettings, report: (CommandError) -> Void
  ) -> ExitStatus {
    let source = configuration.video.source
    var faults: [CommandError] = []
    var remark = ""
    do throws(CaptureError) {
      try SourcePresence.requireFile(source)
      do throws(CaptureError) {
        faults += try settings.controlProblems(of: source).map { CommandError($0) }
      } catch {
        remark = "; the controls were not checked, because the camera cannot be asked (\(error))"
      }
    } catch {
      faults.append(CommandError(error))
    }
    do throws(SettingError) {
      _ = try Password.read(file: configuration.account.passwordFile)
    } catch  where options.config != nil && configuration.account.passwordFile == nil {
      // That of the service is a credential of its unit, which is not given to whoever checks its file.
      remark += "; there is no password here, which is right if the service's unit has it"
    } catch {
      faults.append(CommandError(error))
    }
    faults.forEach(report)
    if let first = faults.first { return first.status }
    let nobody = "serve shows a code for the first admin until somebody is allowed"
    StandardStream.output(
      "\(options.config ?? "the command line"): ok; "
        + (configuration.access.isEmpty ? nobody : "may watch: \(configuration.access)") + remark)
    return .success
  }

  private static func reporter(of peer: JID, _ sid: String) -> any Reporter {
    JSONReporter(jid: peer.description, sid: sid)
  }
}
