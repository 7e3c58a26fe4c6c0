import ArgumentParser

@main
struct JingleCam: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jinglecam",
    abstract: "Sends live video to any XMPP client that can take a video call.")
}
