import ArgumentParser
import Settings

/// What the picture looks like when it leaves.
struct VideoOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Fit the picture into this size (default: the source's; of a camera the size closest to 640x480).",
      valueName: "WxH"))
  var size: String?

  @Option(
    help: ArgumentHelp(
      "Send at most this many frames per second; a camera uses its closest rate (default: the source's).",
      valueName: "fps"))
  var fps: String?

  @Option(
    help: ArgumentHelp(
      "Bytes from one row to the next of raw frames, if their rows are padded (default: no padding).",
      valueName: "bytes"))
  var stride: String?

  @Option(
    help: ArgumentHelp(
      "Send at most this many bits per second, for example 1500k or 2M (default: 2500k).", valueName: "bits/s"))
  var bitrate: String?

  @Option(
    help: ArgumentHelp(
      "Send at least this many bits per second, even if the viewer's network is slower (default: 100k).",
      valueName: "bits/s"))
  var minBitrate: String?

  @Flag(help: "Keep the size and the frame rate, even if the viewer's network is too slow for them.")
  var fixed = false

  @Flag(help: "Start the file again when it ends.")
  var loop = false

  @Option(
    help: ArgumentHelp("Turn the picture clockwise by 0, 90, 180 or 270 degrees (default: 0).", valueName: "degrees"),
    completion: .list(["0", "90", "180", "270"]))
  var rotate: String?

  @Flag(help: "Mirror the picture horizontally, before it is turned; with --rotate 180 it is mirrored vertically.")
  var flip = false

  @Option(
    help: ArgumentHelp(
      "Set a control of the camera; jinglecam devices CAMERA lists them. May be repeated.", valueName: "name=value"))
  var control: [String] = []

  /// What the command line says; what it does not say is left to the file.
  var settings: ServeSettings {
    var settings = ServeSettings()
    let texts: [ServeSettings.Key: String?] = [
      .size: size, .fps: fps, .stride: stride, .bitrate: bitrate, .minBitrate: minBitrate, .rotate: rotate,
      .loop: loop ? "true" : nil, .flip: flip ? "true" : nil, .fixed: fixed ? "true" : nil,
    ]
    settings.values = texts.compactMapValues { $0.map { Setting($0) } }
    settings.controls = control.map { Setting($0) }
    return settings
  }
}
