import ArgumentParser
import Capture
import Glibc
import Logging
import NIOCore
import Settings
import Streamer
import Studio
import XMPP

struct StreamCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stream",
    abstract: "Calls a viewer and shows a camera or a video.",
    discussion: """
      The viewer's client rings; whoever accepts the call sees the video. The call ends when the file ends, when the \
      viewer hangs up, or at Ctrl-C.

      Examples:
        jinglecam stream camera ann@example.net --jid cam@example.net
        jinglecam stream /dev/video0 ann@example.net --jid cam@example.net \\
          --size 1280x720
        jinglecam stream movie.mp4 ann@example.net --jid cam@example.net
        jinglecam stream pattern:640x480@25 ann@example.net \\
          --jid cam@example.net --duration 30
      """)

  @Argument(
    help: """
      camera (the first that works), a camera's path or stable name (see jinglecam devices), a video file, an http, \
      https or rtsp address, - or a named pipe (Y4M, coded video, or raw I420 of --size and --fps), or \
      pattern[:WxH@FPS], a moving test picture.
      """, completion: .file())
  var source: String

  @Argument(help: "Whom to call: user@domain, or a full address with its resource.")
  var peer: String

  @OptionGroup(title: "Account")
  var account: AccountOptions

  @OptionGroup(title: "Connectivity")
  var ice: ICEOptions

  @OptionGroup(title: "Video")
  var video: VideoOptions

  @OptionGroup(title: "Sound")
  var sound: SoundOptions

  @Option(help: ArgumentHelp("Hang up after this many seconds of video (default: never).", valueName: "seconds"))
  var duration: String?

  @Option(help: ArgumentHelp("Give up if nobody answers for this many seconds.", valueName: "seconds"))
  var ringTimeout: String = "60"

  @Flag(help: "Do not ask the viewer for video. Some clients reject such a call.")
  var oneWay = false

  @Option(
    help: ArgumentHelp(
      "Record the network and the encoder into this file, ten lines of JSON per second; scripts/plot draws it.",
      valueName: "file"), completion: .file())
  var recordNetwork: String?

  @OptionGroup(title: "Output")
  var output: OutputOptions

  func run() async throws {
    let reporter = CommandReporters.make(json: output.json)
    try await CommandRunner.run(logLevel: output.logLevel, report: reporter.report) { logger throws(CommandError) in
      let configuration = try CommandError.checking(checked)
      if let warning = configuration.video.warning { reporter.report(notice: warning) }
      let recorder = try CommandError.checking(openRecord)
      defer { recorder?.drain() }
      do throws(StreamError) {
        let call = try await StreamSession(
          configuration, reporter: reporter, logger: logger, record: recorder.map { $0.record }, abort: Self.abort
        ).run()
        let status = ExitStatus(call)
        reporter.report(CallSummary(of: call, peer: configuration.peer), status)
        return status
      } catch {
        throw CommandError(error)
      }
    }
  }

  private static func abort() {
    StandardStream.error("cancelled")
    StandardStream.drain()
    Glibc.exit(ExitStatus.interrupted.rawValue)
  }

  private func openRecord() throws(SettingError) -> NetworkRecorder? {
    guard let recordNetwork else { return nil }
    return try NetworkRecorder(path: recordNetwork)
  }

  /// What the picture and the sound are like.
  private var media: ServeSettings {
    var settings = video.settings
    settings.values[.source] = Setting(source)
    settings.values.merge(sound.settings) { _, new in new }
    return settings
  }

  private func person(_ text: String) throws(SettingError) -> JID {
    do throws(SettingError) {
      return try AccountOptions.person(text, .argument("PEER"))
    } catch {
      guard !TestPatternSpecification.isPattern(source), (try? AccountAddress.parse(source)) != nil else { throw error }
      throw SettingError(
        "'\(source)' looks like an address, and '\(text)' like a source", cure: "write SOURCE before PEER", .usage)
    }
  }

  private func checked() throws(SettingError) -> StreamConfiguration {
    StreamConfiguration(
      peer: try person(peer),
      account: try account.account(),
      video: try media.video(),
      connectivity: try ice.configuration(),
      duration: try Seconds.amount(duration, option: "duration"),
      ringTimeout: try Seconds.amount(ringTimeout, option: "ring-timeout") ?? .seconds(60),
      oneWay: oneWay,
      speaker: try media.speaker())
  }
}
