import ArgumentParser
import Capture

struct DevicesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices",
    abstract: "Lists the cameras, microphones and loudspeakers of this computer and their formats.",
    discussion: "Name a camera to list its controls as well, which --control sets.")

  @Argument(help: "A camera's path or stable name (default: all of them).", completion: .file())
  var device: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    var cameras: [CameraDescription]
    do throws(CaptureError) {
      cameras =
        try device.map { path throws(CaptureError) in [try CameraInventory.describe(path)] } ?? CameraInventory.all()
    } catch {
      let error = CommandError(error)
      StandardStream.error("jinglecam: \(error)")
      StandardStream.drain()
      throw ExitCode(error.status.rawValue)
    }
    if device == nil {
      let choice = CameraFinder.firstChoice(of: cameras)
      for index in cameras.indices { cameras[index].isFirstChoice = cameras[index].path == choice }
    }
    // Not through StandardStream, which gives a slow reader up for the sake of a call: the list is all that is wanted here.
    let microphones = device == nil ? SoundCardInventory.all(.capture) : []
    let speakers = device == nil ? SoundCardInventory.all(.playback) : []
    guard !json else { return print(CameraReport.json(cameras, microphones: microphones, speakers: speakers)) }
    print(CameraReport.text(cameras, withControls: device != nil))
    guard !microphones.isEmpty || !speakers.isEmpty else { return }
    print("\n" + SoundCardReport.text(microphones: microphones, speakers: speakers))
  }
}
