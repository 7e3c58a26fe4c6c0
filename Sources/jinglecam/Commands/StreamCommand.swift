import ArgumentParser
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
    abstract: "Calls somebody and shows a camera or a video.",
    discussion: """
      The peer's client rings; whoever accepts sees the video. It ends when the file ends, when they hang up, or at \
      Ctrl-C.

      jinglecam stream camera ann@example.net --jid cam@example.net
      jinglecam stream /dev/video0 ann@example.net --jid cam@example.net --size 1280x720
      jinglecam stream movie.mp4 ann@example.net --jid cam@example.net
      jinglecam stream pattern:640x480@25 ann@example.net --jid cam@example.net --duration 30
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

  @Option(help: ArgumentHelp("Hang up after this many seconds of video.", valueName: "seconds"))
  var duration: Double?

  @Option(help: ArgumentHelp("Give up when nobody answers for this many seconds.", valueName: "seconds"))
  var ringTimeout: Double = 60

  @Flag(help: "Ask for no picture back from the start (some clients handle this badly).")
  var oneWay = false

  @Option(
    help: ArgumentHelp(
      "Write what the network and the encoder do, ten lines of JSON a second, into this file; scripts/plot draws it.",
      valueName: "file"), completion: .file())
  var recordNetwork: String?

  @OptionGroup(title: "Output")
  var output: OutputOptions

  func run() async throws {
    let reporter = CommandReporters.make(json: output.json)
    try await CommandRunner.run(logLevel: output.logLevel, report: reporter.report) { logger throws(CommandError) in
      let configuration = try CommandError.checking(checked)
      let recorder = try CommandError.checking(openRecord)
      defer { recorder?.drain() }
      do throws(StreamError) {
        return ExitStatus(
          try await StreamSession(
            configuration, reporter: reporter, logger: logger, record: recorder.map { $0.record },
            abort: Self.abort
          ).run())
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

  private func videoConfiguration() throws(SettingError) -> VideoConfiguration {
    var configuration = try video.configuration(of: source)
    configuration.sound = try sound.configuration()
    configuration.soundBitrate = try sound.bitrate()
    return configuration
  }

  private func checked() throws(SettingError) -> StreamConfiguration {
    StreamConfiguration(
      peer: try AccountOptions.person(peer, role: "the peer"),
      account: try account.account(),
      video: try videoConfiguration(),
      connectivity: try ice.configuration(),
      duration: try Seconds.amount(duration, option: "duration"),
      ringTimeout: try Seconds.amount(ringTimeout, option: "ring-timeout") ?? .seconds(60),
      oneWay: oneWay)
  }
}
