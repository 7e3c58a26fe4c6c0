import ArgumentParser
import Settings

/// What `serve` is told; `doctor` takes the same, to look at what `serve` would do.
struct ServeOptions: ParsableArguments {
  @Argument(
    help: "What to show: camera, a camera's path or stable name, a video file, or pattern[:WxH@FPS].",
    completion: .file())
  var source: String?

  @Option(
    help: ArgumentHelp("Read settings from this file; options given besides go before it.", valueName: "file"),
    completion: .file())
  var config: String?

  @Option(
    help: ArgumentHelp("Who may watch: user@domain, or a domain for everybody there; may repeat.", valueName: "jid"))
  var allow: [String] = []

  @Option(help: ArgumentHelp("So many may watch at a time (4).", valueName: "count"))
  var viewers: Int?

  @Option(
    help: ArgumentHelp(
      "Let Prometheus read metrics at unix:PATH or at 127.0.0.1:PORT (nowhere).", valueName: "address"))
  var metrics: String?

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
    var settings = ServeSettings()
    let texts: [ServeSettings.Key: String?] = [
      .source: source, .jid: account.jid, .passwordFile: account.passwordFile, .server: account.server,
      .caFile: account.caFile, .size: video.size, .fps: video.fps.map(String.init),
      .stride: video.stride.map(String.init), .bitrate: video.bitrate, .minBitrate: video.minBitrate,
      .rotate: video.rotate.map(String.init),
      .microphone: sound.microphone, .audioTrack: sound.audioTrack.map(String.init),
      .audioBitrate: sound.audioBitrate, .noAudio: sound.noAudio ? "true" : nil,
      .viewers: viewers.map(String.init), .metrics: metrics,
      .icePolicy: ice.icePolicy?.rawValue, .loop: video.loop ? "true" : nil, .flip: video.flip ? "true" : nil,
      .fixed: video.fixed ? "true" : nil,
      .turnRelaxed: ice.turnRelaxed ? "true" : nil,
    ]
    settings.values = texts.compactMapValues { $0.map { Setting($0) } }
    settings.allow = allow.map { .init(jid: Setting($0)) }
    settings.controls = video.control.map { Setting($0) }
    settings.turn = try ice.turnServers().map {
      .init(uri: Setting($0.uri.description), credentials: $0.credentials)
    }
    return settings
  }
}
