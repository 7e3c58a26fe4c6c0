import ArgumentParser
import Logging
import Server
import Settings
import Streamer
import XMPP

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Stays online, and shows a camera to those who may call it.",
    discussion: """
      Whoever is allowed calls this account from their own client and sees the picture. Nobody else learns that there \
      is a camera. It ends at Ctrl-C. SIGHUP reads the file again.

      jinglecam serve camera --jid cam@example.net --allow ann@example.net --allow bob@example.net
      jinglecam serve --config /etc/jinglecam.yaml
      """)

  @OptionGroup var options: ServeOptions

  @Flag(help: "Say whether the settings are right, and end.")
  var checkConfig = false

  @Flag(help: "Log one JSON object an event on standard output.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "trace, debug, info, notice, warning, error or critical; the log goes to standard error.", valueName: "level"))
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
      let configuration = try CommandError.checking(load)
      if checkConfig { return .success }
      let output = ServeOutput(logger: logger, reporter: json ? Self.reporter : nil) { StandardStream.textsLost }
      do throws(ServeError) {
        try await ServeSession(configuration, output: output, reload: load).run()
        return .success
      } catch {
        throw CommandError(error)
      }
    }
  }

  private static func reporter(of peer: JID, _ sid: String) -> any Reporter {
    JSONReporter(jid: peer.description, sid: sid)
  }
}
