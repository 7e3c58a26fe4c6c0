import Account
import ArgumentParser

struct JingleCam: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jinglecam",
    abstract: "Sends live video and sound from this computer to any XMPP client that supports video calls.",
    discussion: """
      The viewer's XMPP client rings; no special app, cloud service, web server or open port is needed.

      Examples:
        sudo jinglecam setup
        jinglecam stream camera ann@example.net --jid cam@example.net
        jinglecam serve camera --jid cam@example.net --allow ann@example.net
        jinglecam doctor camera --jid cam@example.net --allow ann@example.net
      """,
    version: Version.text,
    subcommands: [
      StreamCommand.self, ServeCommand.self, StatsCommand.self, CheckCommand.self, DoctorCommand.self,
      DevicesCommand.self, SetupCommand.self,
    ])
}
