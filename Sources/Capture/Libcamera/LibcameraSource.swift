import NIOCore
import Video

/// The pictures of a Raspberry Pi's ribbon camera, which `rpicam-vid` makes. While it is being restarted, a no-signal
/// picture is shown.
final class LibcameraSource: VideoSource {
  let format: VideoFormat
  let remark: String?
  let cameraMode: CameraMode?
  private(set) var trouble: SourceTrouble?

  private let stream: LibcameraLink.Stream
  private let link: LibcameraLink
  private var normalizer: PictureNormalizer
  private var limiter: FrameRateLimiter?
  private var stills: StillTimeline
  private var noSignal: NoSignalPicture
  /// The picture taken last, which is kept until there is a newer one.
  private var shown: PipeReader.Memory?
  private var lastPicture = NIODeadline.now()
  private let interruption: TimeAmount
  private var ownCounters = SourceCounters()

  private static let longestEnd = TimeAmount.seconds(2)

  /// Starts the program and waits for the first picture, so that a camera that has none reports it before anybody is
  /// called.
  ///
  /// - Parameters:
  ///   - name: the SOURCE that names the camera.
  ///   - camera: the number of the camera in the list of `rpicam-hello`.
  /// - Throws: `CaptureError.invalidControl` and `.libcameraFailed`.
  init(
    name: String, camera: Int, program: String, environment: [String: String], options: CameraSource.Options,
    timing: LibcameraReader.Timing
  ) throws(CaptureError) {
    let command = try LibcameraCommand(program, environment: environment, camera: camera, options: options)
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
    limiter = options.frameRate.map(FrameRateLimiter.init)
    stills = StillTimeline(frameRate: rate, maximum: options.frameRate)
    noSignal = NoSignalPicture(width: format.width, height: format.height)
    remark =
      size == command.size
      ? nil : "\(name) does not support the requested mode; the closest is \(size) at \(command.rate) fps"
    cameraMode = CameraMode(
      path: name, stablePath: nil, card: command.name, format: "YU12", width: size.width, height: size.height,
      rate: command.rate.framesPerSecond, cost: .conversion)
    interruption = timing.interruption
    self.link = link
  }

  deinit {
    link.stop(within: Self.longestEnd)
    if let shown { stream.pictures.giveBack(shown) }
  }

  var timeline: VideoTimeline { .live }
  var cameraPath: String? { cameraMode?.path }

  var counters: SourceCounters {
    var counters = ownCounters
    counters.framesSkipped += stream.pictures.replaced
    return counters
  }

  func nextFrame<R>(
    notBefore earliest: NIODeadline, _ body: (borrowing VideoFrame) throws -> R
  ) throws -> R? {
    while true {
      let due = trouble == nil ? stills.due ?? .now() + StillTimeline.shortestPause : noSignal.due
      switch stream.pictures.take(until: due, givingBack: shown) {
      case .picture(let picture, let time):
        shown = picture
        trouble = nil
        lastPicture = .now()
        // An old picture is not shown now, but it is repeated if the program pauses.
        if time < earliest {
          ownCounters.framesSkipped += 1
          stills.lent(at: .now())
          continue
        }
        guard limiter?.admits(time) ?? true else { continue }
        stills.lent(at: .now())
        return try lend(picture, captureTime: time, body)
      case .none:
        if let cause = link.trouble, .now() - lastPicture > interruption {
          return try showNoSignal(because: cause, body)
        }
        guard stills.due != nil, let shown else { continue }
        stills.lent(at: .now())
        ownCounters.framesRepeated += 1
        return try lend(shown, captureTime: .now(), body)
      case .over:
        return nil
      }
    }
  }

  private func lend<R>(
    _ picture: PipeReader.Memory, captureTime: NIODeadline, _ body: (borrowing VideoFrame) throws -> R
  ) throws -> R? {
    try normalizer.normalize(stream.layout.header.frame(of: picture.bytes, captureTime: captureTime), body)
  }

  private func showNoSignal<R>(
    because cause: SourceTrouble, _ body: (borrowing VideoFrame) throws -> R
  ) rethrows -> R {
    trouble = cause
    ownCounters.framesWithoutSignal += 1
    noSignal.waitForTurn()
    return try noSignal.withFrame(body)
  }

  /// Tells a value that the program does not take from a camera that fails.
  private static func refusal(_ error: CaptureError, _ options: CameraSource.Options) -> CaptureError {
    guard !options.controls.isEmpty, case .libcameraFailed(let program, let reason) = error else { return error }
    let isValue = ["nvalid", "option '--", "illegal"].contains { reason.contains($0) }
    return isValue ? .invalidControl("\(program) says: \(reason)") : error
  }
}
