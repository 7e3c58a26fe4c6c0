import ArgumentParser
import Logging
import Streamer
import XMPP

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Stays online, and shows a camera to those who may call it.",
    discussion: """
      Whoever is allowed calls this account from their own client and sees the picture. Nobody else learns that there \
      is a camera. It ends at Ctrl-C.

      jinglecam serve camera --jid cam@example.net --allow ann@example.net --allow bob@example.net
      """)

  @Argument(help: "What to show: camera, a camera's path or stable name, a video file, or pattern[:WxH@FPS].")
  var source: String

  @Option(
    help: ArgumentHelp("Who may watch: user@domain, or a domain for everybody there; may repeat.", valueName: "jid"))
  var allow: [String] = []

  @Option(help: ArgumentHelp("So many may watch at a time.", valueName: "count"))
  var viewers = 4

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
      try await ServeSession(try configuration(), logger: logger).run()
    }
  }

  private func configuration() throws(CommandError) -> ServeConfiguration {
    var access = AccessList()
    for text in allow { access.allow(try AccountOptions.bareJID(text, role: "--allow"), as: .viewer) }
    guard !access.isEmpty else {
      throw CommandError("nobody may watch; name who may, with --allow user@domain", .usage)
    }
    guard (1...64).contains(viewers) else {
      throw CommandError("--viewers \(viewers) is out of range; choose 1 to 64", .usage)
    }
    return ServeConfiguration(
      account: try account.account(), video: try video.configuration(of: source),
      connectivity: try ice.configuration(), access: access, maximumViewers: viewers)
  }
}
