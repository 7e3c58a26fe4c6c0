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
      if checkConfig { return check(merged, report: reporter.report) }
      let problems = merged.problems
      problems.forEach { reporter.report(CommandError($0)) }
      if let first = problems.first { return ExitStatus(first.kind) }
      let configuration = try CommandError.checking(load)
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

  /// Does what `--check-config` asks for: the settings have to be right, and what they name as well. What is wrong with
  /// one of them does not keep the others from being checked.
  private func check(_ settings: ServeSettings, report: (CommandError) -> Void) -> ExitStatus {
    let problems = settings.problems
    var faults = problems.map { CommandError($0) }
    var remark = ""
    if let source = settings.values[.source]?.text {
      do throws(CaptureError) {
        try SourcePresence.requireFile(source)
        do throws(CaptureError) {
          faults += try settings.controlProblems(of: source).filter { !problems.contains($0) }.map { CommandError($0) }
        } catch {
          remark = "; the controls were not checked, because the camera cannot be asked (\(error))"
        }
      } catch {
        faults.append(CommandError(error))
      }
    }
    let passwordFile = settings.accountPasswordFile
    do throws(SettingError) {
      _ = try Password.read(file: passwordFile)
    } catch  where options.config != nil && passwordFile == nil {
      // That of the service is a credential of its unit, which is not given to whoever checks its file.
      remark += "; there is no password here, which is right if the service's unit has it"
    } catch {
      faults.append(CommandError(error))
    }
    faults.forEach(report)
    let access = try? settings.access()
    access?.warnings.forEach { StandardStream.error("jinglecam: warning: \($0.text); \($0.fix)") }
    if let warning = (try? settings.video())?.warning { StandardStream.error("jinglecam: warning: \(warning)") }
    if let first = faults.first { return first.status }
    let nobody = "serve shows a code for the first admin until somebody is allowed"
    let audience = access.flatMap { $0.isEmpty ? nil : "may watch: \($0)" } ?? nobody
    StandardStream.output("\(options.config ?? "the command line"): ok; \(audience)\(remark)")
    return .success
  }

  private static func reporter(of peer: JID, _ sid: String) -> any Reporter {
    JSONReporter(jid: peer.description, sid: sid)
  }
}
