import NIOCore
import Video

/// The pictures of a Raspberry Pi's ribbon camera, which `rpicam-vid` makes. While it is being restarted, a no-signal
/// picture is shown.
final class LibcameraSource: VideoSource {
  let format: VideoFormat
  let remark: String?
  let cameraMode: CameraMode?

  private let stream: LibcameraLink.Stream
  private let link: LibcameraLink
  private var normalizer: PictureNormalizer
  private let frames: LiveFrames<PipeReader.Memory>

  private static let longestEnd = TimeAmount.seconds(2)

  /// Starts the program and waits for the first picture, so that a camera that has none reports it before anybody is
  /// called.
  ///
  /// - Parameters:
  ///   - name: the SOURCE that names the camera.
  ///   - camera: nil for the first, if there is no list of them.
  /// - Throws: `CaptureError.invalidControl` and `.libcameraFailed`.
  init(
    name: String, camera: LibcameraCamera?, program: String, environment: [String: String],
    options: CameraSource.Options,
    timing: LibcameraReader.Timing
  ) throws(CaptureError) {
    let command = try LibcameraCommand(
      program, environment: environment, camera: camera, options: options)
    let link = try LibcameraLink(program: command.name)
    LibcameraReader(command, link: link, timing: timing).start()
    do throws(CaptureError) {
      stream = try link.awaitOpening()
    } catch {
      throw Self.refusal(error, options)
    }
    let header = stream.layout.header
    let size = PictureSize(width: header.width, height: header.height)
    let geometry = DisplayGeometry(
      width: size.width, height: size.height, sampleAspect: (1, 1), orientation: command.orientation, bounds: nil)
    let rate = command.rate.encoded
    format = VideoFormat(width: geometry.width, height: geometry.height, frameRate: rate)
    normalizer = PictureNormalizer(width: format.width, height: format.height, orientation: command.orientation)
    frames = LiveFrames(
      stream.pictures, stills: StillTimeline(frameRate: rate, maximum: options.frameRate),
      limiter: options.frameRate.map(FrameRateLimiter.init), interruption: timing.interruption)
    remark =
      size == command.size
      ? nil : "\(name) does not support the requested mode; the closest is \(size) at \(command.rate) fps"
    cameraMode = CameraMode(
      path: name, stablePath: nil, card: command.name, format: "YU12", width: size.width, height: size.height,
      rate: command.rate.framesPerSecond, cost: .conversion)
    self.link = link
  }

  deinit {
    link.stop(within: Self.longestEnd)
  }

  var timeline: VideoTimeline { .live }
  var trouble: SourceTrouble? { frames.trouble }
  var cameraPath: String? { cameraMode?.path }

  var counters: SourceCounters { frames.counters }

  func nextFrame<R>(
    notBefore earliest: NIODeadline, _ body: (borrowing VideoFrame) throws -> R
  ) throws -> R? {
    try frames.next(notBefore: earliest, in: format, unless: { link.trouble }, body) { picture, time in
      try normalizer.normalize(stream.layout.header.frame(of: picture.bytes, captureTime: time), body)
    }
  }

  /// Tells a value that the program does not take from a camera that fails.
  private static func refusal(_ error: CaptureError, _ options: CameraSource.Options) -> CaptureError {
    guard !options.controls.isEmpty, case .libcameraFailed(let program, let reason) = error else { return error }
    let isValue = ["nvalid", "option '--", "illegal"].contains { reason.contains($0) }
    return isValue ? .invalidControl("\(program) says: \(reason)") : error
  }
}
