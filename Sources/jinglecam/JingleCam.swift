import Account
import ArgumentParser

struct JingleCam: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jinglecam",
    abstract: "Live video from this computer to any XMPP client that can take a video call.",
    discussion: "No app, cloud, web server or open port of your own: the viewer's XMPP client rings.",
    version: Version.text,
    subcommands: [StreamCommand.self, ServeCommand.self, CheckCommand.self, DoctorCommand.self, DevicesCommand.self])
}
