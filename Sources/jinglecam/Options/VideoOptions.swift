import ArgumentParser
import Capture
import Settings
import Studio
import Video

/// What the picture looks like when it leaves.
struct VideoOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Fit the picture into this size; a camera takes its nearest.", valueName: "WxH"))
  var size: String?

  @Option(help: ArgumentHelp("Send at most this many frames a second; a camera takes its nearest.", valueName: "fps"))
  var fps: Int?

  @Option(
    help: ArgumentHelp(
      "Bytes from one row to the next of raw pictures, where their rows are padded.", valueName: "bytes"))
  var stride: Int?

  @Option(
    help: ArgumentHelp("Send at most this much, for example 1500k or 2M; without it: 2500k.", valueName: "bits/s"))
  var bitrate: String?

  @Option(
    help: ArgumentHelp(
      "Send at least this much, whatever the viewer's network takes; without it: 100k.", valueName: "bits/s"))
  var minBitrate: String?

  @Flag(help: "Keep the size and the frame rate of the picture, whatever the viewer's network takes.")
  var fixed = false

  @Flag(help: "Start the file again when it ends.")
  var loop = false

  @Option(
    help: ArgumentHelp("Turn the picture clockwise by 0, 90, 180 or 270 degrees.", valueName: "degrees"),
    completion: .list(["0", "90", "180", "270"]))
  var rotate: Int?

  @Flag(help: "Mirror the picture, left for right, before it is turned.")
  var flip = false

  @Option(
    help: ArgumentHelp(
      "Set a camera's control, as jinglecam devices lists them; may repeat.", valueName: "name=value"))
  var control: [String] = []

  func configuration(of source: String) throws(SettingError) -> VideoConfiguration {
    VideoConfiguration(
      source: source, size: try pictureSize(), frameRate: try frameRate(), stride: try rowLength(),
      orientation: try orientation(),
      controls: try controls(), limits: try limits(), loops: loop)
  }

  private func limits() throws(SettingError) -> EncodingLimits {
    var bounds: [Int?] = []
    for (text, option) in [(bitrate, "bitrate"), (minBitrate, "min-bitrate")] {
      bounds.append(try text.map { text throws(SettingError) in try Bitrate.parse(text, of: option) })
    }
    return try EncodingLimits(maximumBitrate: bounds[0], minimumBitrate: bounds[1], isFixed: fixed)
  }

  private func orientation() throws(SettingError) -> Orientation {
    guard let turn = Orientation.Turn(rawValue: rotate ?? 0) else {
      throw SettingError(
        of: .option("rotate"), "\(rotate ?? 0) is no quarter turn", cure: "choose 0, 90, 180 or 270", .usage)
    }
    return Orientation(isMirrored: flip, turn: turn)
  }

  private func controls() throws(SettingError) -> [ControlSetting] {
    var settings: [ControlSetting] = []
    do throws(CaptureError) {
      for text in control { settings.append(try ControlSetting(parsing: text)) }
    } catch {
      throw SettingError("\(error)", .usage)
    }
    return settings
  }

  private func pictureSize() throws(SettingError) -> PictureSize? {
    guard let size else { return nil }
    return try PictureSize(parsing: size)
  }

  private func rowLength() throws(SettingError) -> Int? {
    guard let stride else { return nil }
    guard (1...65_536).contains(stride) else {
      throw SettingError(
        of: .option("stride"), "\(stride) is no length of a row", cure: "choose the width or a little more", .usage)
    }
    return stride
  }

  private func frameRate() throws(SettingError) -> Int? {
    guard let fps else { return nil }
    guard (1...120).contains(fps) else {
      throw SettingError(of: .option("fps"), "\(fps) is out of range", cure: "choose 1 to 120", .usage)
    }
    return fps
  }
}
