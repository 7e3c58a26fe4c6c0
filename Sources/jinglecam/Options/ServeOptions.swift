import ArgumentParser
import Settings

/// What `serve` is told; `doctor` takes the same, to look at what `serve` would do.
struct ServeOptions: ParsableArguments {
  @Argument(
    help: """
      What to show: camera (the first that works), a camera's path or stable name, a video file, an http, https or rtsp \
      address, - or a named pipe, or pattern[:WxH@FPS].
      """, completion: .file())
  var source: String?

  @Option(
    help: ArgumentHelp("Read the settings from this file; options on the command line override it.", valueName: "file"),
    completion: .file())
  var config: String?

  @Option(
    help: ArgumentHelp(
      """
      Who may watch: user@domain, or a domain for everybody who has an account there. May be repeated (default: nobody; \
      serve logs a code that makes whoever sends it the admin).
      """,
      valueName: "jid"))
  var allow: [String] = []

  @Option(help: ArgumentHelp("How many may watch at the same time (default: 4).", valueName: "count"))
  var viewers: String?

  @Option(
    help: ArgumentHelp(
      "Serve metrics for Prometheus at unix:PATH or 127.0.0.1:PORT (default: no metrics).", valueName: "address"))
  var metrics: String?

  @Flag(help: "Play what all viewers say on the --speaker (default: only what admins say).")
  var talk = false

  @OptionGroup(title: "Account")
  var account: AccountOptions

  @OptionGroup(title: "Connectivity")
  var ice: ICEOptions

  @OptionGroup(title: "Video")
  var video: VideoOptions

  @OptionGroup(title: "Sound")
  var sound: SoundOptions

  /// What the command line says; what it does not say is left to the file.
  func settings() throws(SettingError) -> ServeSettings {
    var settings = video.settings
    let texts: [ServeSettings.Key: String?] = [
      .source: source, .jid: account.jid, .passwordFile: account.passwordFile, .server: account.server,
      .caFile: account.caFile, .talk: talk ? "true" : nil,
      .viewers: viewers, .metrics: metrics, .icePolicy: ice.icePolicy?.rawValue,
      .turnRelaxed: ice.turnRelaxed ? "true" : nil,
    ]
    settings.values.merge(texts.compactMapValues { $0.map { Setting($0) } }) { _, new in new }
    settings.values.merge(sound.settings) { _, new in new }
    settings.allow = allow.map { .init(jid: Setting($0)) }
    settings.turn = try ice.turnServers().map {
      .init(uri: Setting($0.uri.description), credentials: $0.credentials)
    }
    return settings
  }
}
