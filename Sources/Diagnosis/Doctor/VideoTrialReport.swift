import Capture
import NIOCore
import Video

/// What a moment of capturing and encoding has shown.
struct VideoTrialReport: Sendable {
  var format: VideoFormat
  /// nil: the source is no camera.
  var mode: CameraMode?
  var remark: String?
  var isLive: Bool
  var framesEncoded = 0
  var framesSkipped = 0
  var framesCorrupt = 0
  var framesWithoutSignal = 0
  var framesRepeated = 0
  /// Why those were.
  var trouble: SourceTrouble?
  /// The time from the first picture to the last.
  var duration = TimeAmount.zero
  /// The elapsed time that encoding one picture took; nil where there were too few pictures to tell.
  var encodeTime: TimeAmount?
  /// The processor time that capturing, converting and encoding one picture took, whatever else this computer does.
  var processorTime: TimeAmount?

  init(format: VideoFormat, mode: CameraMode?, remark: String?, isLive: Bool) {
    self.format = format
    self.mode = mode
    self.remark = remark
    self.isLive = isLive
  }

  /// - Parameter sizes: what else the camera offers.
  func findings(sizes: [PictureSize]) -> [DoctorFinding] {
    [formatFinding, captureFinding, encoderFinding(sizes)].compactMap { $0 }
  }

  // MARK: Format

  private var formatFinding: DoctorFinding? {
    guard let mode, !mode.format.isEmpty else { return nil }
    let rate = mode.rate.map { " at \(Self.number($0)) fps" } ?? ", at a rate that the driver does not tell"
    let text = "\(mode.format) \(mode.width)x\(mode.height)\(rate), \(mode.cost)"
    // The remark on compressed video is what its cost says.
    if remark != nil, mode.cost != .video {
      return .warning(
        .format, "\(text): not quite what was asked for, and the nearest there is",
        fix: "jinglecam devices lists the camera's sizes and rates for --size and --fps")
    }
    switch mode.cost {
    case .none, .conversion, .jpeg: return .ok(.format, text)
    case .library:
      return .warning(
        .format, text, fix: "try a --size that it also has as NV12, YUYV or MJPG (jinglecam devices lists them)")
    case .video:
      return .warning(
        .format, text, fix: "where the computer is too slow for it, take a smaller --size or --fps, or another camera")
    }
  }

  // MARK: Capture

  /// Frames a second that came, also those that there was no time for; nil: too few to tell.
  private var captureRate: Double? {
    let frames = framesEncoded - framesRepeated + framesSkipped - 1
    guard frames > 1, duration > .zero else { return nil }
    return Double(frames) / duration.seconds
  }

  private var captureFinding: DoctorFinding? {
    guard isLive else { return nil }
    let device = mode?.path ?? "the source"
    guard framesEncoded > framesWithoutSignal, let captureRate else {
      let trouble = trouble ?? .silent
      let text = trouble == .silent ? "\(device) was opened, and gave no picture" : "\(trouble)"
      return .problem(.capture, text, fix: trouble.cure, .unavailable)
    }
    let text = "\(Self.number(captureRate)) frames per second"
    if framesWithoutSignal > 0 {
      let cause = trouble.map { " (\($0))" } ?? ""
      return .warning(
        .capture, "\(text), and in between none for two seconds\(cause)",
        fix: "look at the cable and the power supply; dmesg tells what the driver saw")
    }
    if framesCorrupt * 20 > framesEncoded {
      return .warning(
        .capture, "\(text), of which \(framesCorrupt) in \(framesEncoded + framesCorrupt) came damaged",
        fix: "look at the cable, and take a port without a hub")
    }
    let wanted = format.frameRate.framesPerSecond
    guard captureRate >= Self.slack * wanted else {
      return .warning(
        .capture, "\(text) instead of \(Self.number(wanted))",
        fix: "in the dark many cameras take longer for a picture: give it light, or look at the exposure controls "
          + "that jinglecam devices \(device) lists")
    }
    return .ok(.capture, text)
  }

  /// A moment is too short for more precision.
  private static let slack = 0.8

  // MARK: Encoder

  /// The share of one core above which nothing is left for the network, the encoder being as fast as it can be.
  private static let limit = 0.9
  /// What a size or rate that suits would take.
  private static let comfort = 0.7

  private func encoderFinding(_ sizes: [PictureSize]) -> DoctorFinding? {
    guard framesEncoded > framesWithoutSignal else { return nil }
    guard let encodeTime, let processorTime, processorTime > .zero else {
      return .warning(
        .encoder, "too few pictures came to tell what they cost", fix: "run it again with a longer or faster source")
    }
    let load = processorTime.seconds * format.frameRate.framesPerSecond
    let size = "\(format.width)x\(format.height)"
    let text =
      "\(CheckText.time(encodeTime)) per frame of \(size); with capturing, \(Int((load * 100).rounded())) % of one core "
      + "at \(format.frameRate) fps"
    if load > Self.limit {
      return .problem(
        .encoder, "\(text): this computer cannot keep up", fix: advice(load, sizes), .load)
    }
    if load > Self.comfort {
      return .warning(.encoder, "\(text): little is left for anything else", fix: advice(load, sizes))
    }
    if framesSkipped * 5 > framesEncoded {
      return .warning(
        .encoder, "\(text), and yet \(framesSkipped) pictures had to be left out",
        fix: "another program takes the processor: see top")
    }
    return .ok(.encoder, text)
  }

  private func advice(_ load: Double, _ sizes: [PictureSize]) -> String {
    let affordable = Double(format.width * format.height) * Self.comfort / load
    let fitting = sizes.filter { Double($0.width * $0.height) <= affordable }
    let size = fitting.max { $0.width * $0.height < $1.width * $1.height } ?? scaled(to: affordable)
    let rate = Int(format.frameRate.framesPerSecond * Self.comfort / load)
    return "--size \(size.width)x\(size.height) is what it can do" + (rate >= 5 ? ", or --fps \(rate)" : "")
  }

  /// A size of the same shape and of about `area` pixels, in whole macroblocks.
  private func scaled(to area: Double) -> PictureSize {
    let scale = (area / Double(format.width * format.height)).squareRoot()
    func side(_ length: Int) -> Int { max(16, Int(Double(length) * scale) / 16 * 16) }
    return PictureSize(width: side(format.width), height: side(format.height))
  }

  private static func number(_ number: Double) -> String {
    let tenths = Int((number * 10).rounded())
    return tenths.isMultiple(of: 10) ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }
}
