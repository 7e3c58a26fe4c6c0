import Video

/// The command line of `rpicam-vid` that writes raw pictures to standard output.
struct LibcameraCommand: Sendable {
  let program: String
  let arguments: [String]
  let environment: [String: String]
  /// The size that is asked for.
  let size: PictureSize
  let rate: FrameRate
  /// What is left to be done to make the pictures upright.
  let orientation: Orientation

  /// The controls that `--control` sets, by the names that `rpicam-vid` has for them.
  private static let controls = [
    "autofocus-mode", "autofocus-range", "autofocus-speed", "autofocus-window", "awb", "awbgains", "brightness",
    "contrast", "denoise", "ev", "exposure", "flicker-period", "gain", "hdr", "lens-position", "metering", "mode",
    "roi", "saturation", "sharpness", "shutter", "tuning-file",
  ]

  /// - Parameter camera: nil for the first, if there is no list of them.
  /// - Throws: `CaptureError.invalidControl`.
  init(
    _ program: String, environment: [String: String], camera: LibcameraCamera?, options: CameraSource.Options
  ) throws(CaptureError) {
    let wanted = options.storedSize ?? CaptureMode.usualSize
    size = PictureSize(width: max(2, wanted.width & ~1), height: max(2, wanted.height & ~1))
    rate = options.frameRate ?? CaptureMode.usualRate
    var arguments = [
      // Without a window, without an end, and telling how many bytes a picture has.
      "--nopreview", "--timeout", "0", "--verbose", "--codec", "yuv420", "--width", "\(size.width)",
      "--height", "\(size.height)", "--framerate", Self.text(of: rate),
    ]
    if let camera, camera.number > 0 { arguments += ["--camera", "\(camera.number)"] }
    let isChosen = options.controls.contains { ["mode", "roi"].contains($0.name) }
    if !isChosen, let mode = camera?.widestMode(for: size, rate: rate), let bits = mode.bits {
      arguments += ["--mode", "\(mode.size.width):\(mode.size.height):\(bits)"]
    }
    // The sensor does it for nothing, except a quarter turn, which it cannot do.
    if options.orientation.swapsSides {
      orientation = options.orientation
    } else {
      orientation = .upright
      if options.orientation.isMirrored { arguments.append("--hflip") }
      if options.orientation.turn == .half { arguments += ["--rotation", "180"] }
    }
    for control in options.controls { arguments.append(try Self.argument(of: control)) }
    // Without --flush the end of each picture would wait in a buffer for the next one.
    self.arguments = arguments + ["--flush", "--output", "-"]
    self.program = program
    self.environment = environment
  }

  /// The name of the program without its directory.
  var name: String { FileName.last(of: program) }

  static func argument(of control: ControlSetting) throws(CaptureError) -> String {
    let name = String(control.name.map { $0 == "_" ? "-" : $0 })
    guard controls.contains(name) else {
      throw .invalidControl(
        "a ribbon camera has no control '\(control.name)'; it has \(controls.joined(separator: ", "))")
    }
    // In one argument, since the value may begin with a minus.
    return "--\(name)=\(control.value)"
  }

  private static func text(of rate: FrameRate) -> String {
    rate.denominator == 1 ? "\(rate.numerator)" : "\(rate.framesPerSecond)"
  }
}
