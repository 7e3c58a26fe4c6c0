import ArgumentParser
import Logging
import Streamer

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

  @Argument(help: "What to show: camera, a camera's path or stable name, a video file, or pattern[:WxH@FPS].")
  var source: String?

  @Option(help: ArgumentHelp("Read settings from this file; options given besides go before it.", valueName: "file"))
  var config: String?

  @Flag(help: "Say whether the settings are right, and end.")
  var checkConfig = false

  @Option(
    help: ArgumentHelp("Who may watch: user@domain, or a domain for everybody there; may repeat.", valueName: "jid"))
  var allow: [String] = []

  @Option(help: ArgumentHelp("So many may watch at a time (4).", valueName: "count"))
  var viewers: Int?

  @OptionGroup(title: "Account")
  var account: AccountOptions

  @OptionGroup(title: "Connectivity")
  var ice: ICEOptions

  @OptionGroup(title: "Video")
  var video: VideoOptions

  @Option(
    help: ArgumentHelp(
      "trace, debug, info, notice, warning, error or critical; the log goes to standard error.", valueName: "level"))
  var logLevel: Logger.Level = .notice

  func run() async throws {
    let reporter = Reporters.make(json: false)
    try await CommandRunner.run(logLevel: logLevel, report: reporter.report) { logger throws(CommandError) in
      let flags = try settings()
      let load: @Sendable () throws(CommandError) -> ServeConfiguration = { [config] () throws(CommandError) in
        guard let config else { return try flags.configuration() }
        return try flags.over(ConfigurationFile.read(config)).configuration()
      }
      let configuration = try load()
      if checkConfig { return .success }
      return try await ServeSession(configuration, reload: load, logger: logger).run()
    }
  }

  /// What the command line says; what it does not say is left to the file.
  private func settings() throws(CommandError) -> ServeSettings {
    var settings = ServeSettings()
    let texts: [ServeSettings.Key: String?] = [
      .source: source, .jid: account.jid, .passwordFile: account.passwordFile, .server: account.server,
      .caFile: account.caFile, .size: video.size, .fps: video.fps.map(String.init), .bitrate: video.bitrate,
      .rotate: video.rotate.map(String.init), .viewers: viewers.map(String.init),
      .icePolicy: ice.icePolicy?.rawValue, .loop: video.loop ? "true" : nil, .flip: video.flip ? "true" : nil,
      .turnRelaxed: ice.turnRelaxed ? "true" : nil,
    ]
    settings.values = texts.compactMapValues { $0.map { Setting($0) } }
    settings.allow = allow.map { .init(jid: Setting($0)) }
    settings.controls = video.control.map { Setting($0) }
    settings.turn = try ice.turnServers().map {
      .init(uri: Setting($0.uri.description), username: $0.username, password: $0.password)
    }
    return settings
  }
}
