import ArgumentParser
import Streamer

/// What the picture looks like when it leaves.
struct VideoOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Scale the picture.", valueName: "WxH"))
  var size: String?

  @Option(help: ArgumentHelp("Send at most this many frames a second.", valueName: "fps"))
  var fps: Int?

  @Option(help: ArgumentHelp("Video bitrate, for example 1500k or 2M.", valueName: "bits/s"))
  var bitrate = "1500k"

  @Flag(help: "Start the file again when it ends.")
  var loop = false

  func pictureSize() throws(CommandError) -> PictureSize? {
    guard let size else { return nil }
    return try PictureSize(parsing: size)
  }

  func frameRate() throws(CommandError) -> Int? {
    guard let fps else { return nil }
    guard (1...120).contains(fps) else {
      throw CommandError("--fps \(fps) is out of range; choose 1 to 120", .usage)
    }
    return fps
  }
}
