import Glibc
import NIOCore
import Video

/// The pictures of a V4L2 camera, of which the newest is used. While the camera is unplugged or silent, a no-signal
/// picture is lent instead, and the camera is looked for under its stable name.
package final class CameraSource: VideoSource {
  package struct Options: Sendable {
    /// The requested size; the camera uses the nearest that it offers.
    package var size: PictureSize?
    package var frameRate: FrameRate?
    package var orientation: Orientation
    package var controls: [ControlSetting]
    /// The time without a picture after which the camera is considered stuck.
    package var patience: TimeAmount
    /// Called with details that help to diagnose a camera.
    package var onDetail: @Sendable (String) -> Void

    package init(
      size: PictureSize? = nil, frameRate: FrameRate? = nil, orientation: Orientation = .upright,
      controls: [ControlSetting] = [], patience: TimeAmount = .seconds(2),
      onDetail: @escaping @Sendable (String) -> Void = { _ in }
    ) {
      self.size = size
      self.frameRate = frameRate
      self.orientation = orientation
      self.controls = controls
      self.patience = patience
      self.onDetail = onDetail
    }
  }

  /// The format, which changes with the signal of a bridge.
  package private(set) var format: VideoFormat
  /// The differences to the requested format in one line; nil if there are none.
  package let remark: String?
  /// The mode in which the camera was opened; without a format if a bridge had no signal.
  package let mode: CameraMode

  private let options: Options
  private var capture: Capture?
  private var lostCounters = SourceCounters()
  private var normalizer: PictureNormalizer
  private var selection: PictureSelection
  private var noSignal: NoSignalPicture
  private var health: CameraHealth
  private var stills: StillTimeline
  private var hasToldOfClock = false

  /// The stream with the parts that read its pictures, since a camera may return with another format.
  private struct Capture: ~Copyable {
    var stream: CaptureStream
    var unpacker: FrameUnpacker
    /// The picture that was lent last and can be lent again.
    var last: CaptureStream.Picture?

    /// Gives back the last picture; if it was lent in place, its buffer is still in use.
    mutating func giveBackLast() {
      if let last, stream.layout.isInPlace { stream.giveBack(last) }
      last = nil
    }
  }

  package convenience init(path: String, options: Options = Options()) throws(CaptureError) {
    try self.init(path: path, options: options, in: DeviceDirectory())
  }

  init(path: String, options: Options, in directory: DeviceDirectory) throws(CaptureError) {
    let opened: Opened
    var cause = SourceTrouble.silent
    do throws(CaptureError) {
      let found = try Self.open(path, options)
      opened = Opened(found)
      capture = consume found
    } catch {
      // A bridge without a signal is waited for like an unplugged camera.
      guard case .noSignal(_, let reason) = error else { throw error }
      opened = Opened(card: try V4L2Device(path: path).capabilities.card, size: options.storedSize)
      cause = .noInput(reason: reason)
    }
    let wantedRate = options.frameRate ?? CaptureMode.usualRate
    format = Self.format(size: opened.size, rate: min(opened.rate ?? wantedRate, wantedRate), options)
    normalizer = PictureNormalizer(width: format.width, height: format.height, orientation: options.orientation)
    let patience = CameraPatience(max(options.patience, .nanoseconds(3 * format.frameRate.interval.nanoseconds)))
    health = CameraHealth(patience: patience, cause: cause)
    stills = StillTimeline(frameRate: format.frameRate, maximum: options.frameRate)
    // The rate that a driver states is not reliable, so that a requested rate is enforced here.
    let isKept = options.frameRate == nil && opened.rate.map { $0 <= wantedRate } ?? false
    selection = PictureSelection(maximum: isKept ? nil : wantedRate)
    noSignal = NoSignalPicture(width: format.width, height: format.height)
    remark = opened.format.flatMap {
      Self.remark(path: path, size: opened.size, rate: opened.rate, format: $0, options: options)
    }
    let stablePath = directory.stablePath(of: path)
    mode =
      opened.format.map {
        CameraMode(
          path: path, stablePath: stablePath, card: opened.card, format: $0, size: opened.size, rate: opened.rate)
      }
      ?? CameraMode(
        path: path, stablePath: stablePath, card: opened.card, format: "", width: format.width, height: format.height,
        rate: nil, cost: .conversion)
    self.options = options
  }

  /// The properties of a camera once it is open, or assumptions without a signal.
  private struct Opened {
    let card: String
    let size: PictureSize
    var format: PixelFormat?
    var rate: FrameRate?

    init(_ capture: borrowing Capture) {
      card = capture.stream.device.capabilities.card
      size = capture.stream.layout.size
      format = capture.stream.layout.format
      rate = capture.stream.rate
    }

    init(card: String, size: PictureSize?) {
      self.card = card
      self.size = size ?? CaptureMode.usualSize
    }
  }

  private static func format(size: PictureSize, rate: FrameRate, _ options: Options) -> VideoFormat {
    let size = options.orientation.swapsSides ? size.turned : size
    // VP8 supports odd sizes, but in 4:2:0 the last column would have a chroma sample of its own.
    return VideoFormat(width: max(2, size.width & ~1), height: max(2, size.height & ~1), frameRate: rate)
  }

  package var timeline: VideoTimeline { .live }
  package var trouble: SourceTrouble? { health.trouble }
  /// The path under which the camera is looked for.
  package var cameraPath: String? { mode.path }
  package var cameraMode: CameraMode? { mode }
  var device: String { mode.stablePath ?? mode.path }

  package var counters: SourceCounters {
    guard capture != nil else { return lostCounters }
    return lostCounters + capture!.stream.counters
  }

  package func nextFrame<R>(
    notBefore earliest: NIODeadline, _ body: (borrowing VideoFrame) throws -> R
  ) throws -> R? {
    while true {
      guard capture != nil else {
        noSignal.waitForTurn()
        reopen()
        if capture != nil, health.isHiccup() { continue }
        return try showNoSignal(body)
      }
      if let result = try nextPicture(notBefore: earliest, body) { return result }
      if capture != nil, trouble != nil, noSignal.due <= .now() {
        noSignal.waitForTurn()
        return try showNoSignal(body)
      }
    }
  }

  /// Waits for a picture and returns whether one can be shown.
  func givesPicture() -> Bool {
    while capture != nil {
      let isShown = try? nextPicture(notBefore: .uptimeNanoseconds(0)) { _ in true }
      if isShown == true { return true }
    }
    return false
  }

  private func showNoSignal<R>(_ body: (borrowing VideoFrame) throws -> R) rethrows -> R {
    health.missesSignal()
    lostCounters.framesWithoutSignal += 1
    return try noSignal.withFrame(body)
  }

  /// Returns nil if there was no picture to show: it was damaged or surplus, or the camera is lost.
  private func nextPicture<R>(
    notBefore earliest: NIODeadline, _ body: (borrowing VideoFrame) throws -> R
  ) throws -> R? {
    let stuckAt = health.stuckAt(now: .now())
    let deadline = min(stuckAt, standInDue ?? stuckAt)
    let picture: CaptureStream.Picture
    switch capture!.stream.next(notBefore: earliest, until: deadline) {
    case .picture(let next):
      picture = next
    case .none:
      if .now() >= stuckAt {
        giveUp()
        return nil
      }
      return try lendAgain(body)
    case .changed:
      lose(.noInput(reason: "the signal on HDMI has changed"))
      return nil
    case .failed(let code):
      lose(.lost(reason: String(cString: strerror(code))))
      return nil
    }
    if !capture!.stream.isClockBelieved, !hasToldOfClock {
      hasToldOfClock = true
      options.onDetail("\(device): its frames have times of another clock, so they are shown as they arrive")
    }
    // Compressed video is decoded in any case, since later pictures refer to it.
    guard capture!.stream.layout.way.isVideo || selection.admits(picture.captureTime, notBefore: earliest) else {
      capture!.stream.giveBack(picture)
      health.sawPicture(now: .now())
      return nil
    }
    capture!.giveBackLast()
    let outcome = capture!.unpacker.unpack(picture)
    let isLent = outcome == .picture && capture!.stream.layout.isInPlace
    if !isLent { capture!.stream.giveBack(picture) }
    switch outcome {
    case .picture: health.picture(isDamagedBy: nil)
    case .damaged(let reason), .incomplete(let reason):
      health.picture(isDamagedBy: reason)
      if case .damaged = outcome { lostCounters.framesCorrupt += 1 }
      // Damaged pictures alone are no better than none.
      if .now() >= stuckAt { giveUp() }
      return nil
    }
    if capture!.stream.layout.way.isVideo {
      guard selection.admits(picture.captureTime, notBefore: earliest), !isBehind() else {
        health.sawPicture(now: .now())
        return nil
      }
      if let size = capture!.unpacker.videoSize { adopt(size) }
    }
    health.recovered()
    let isKept = !isLent || capture!.stream.canSpareBuffer
    defer { if !isKept { capture!.stream.giveBack(picture) } }
    guard let result = try capture!.unpacker.withFrame(picture, { try normalizer.normalize($0, body) }) else {
      lostCounters.framesCorrupt += 1
      return nil
    }
    if isKept {
      capture!.last = picture
      stills.lent(at: .now())
    }
    health.shownPicture(now: .now())
    return result
  }

  private func isBehind() -> Bool {
    guard selection.isBehind(hasMore: capture!.stream.hasMore) else { return false }
    lostCounters.framesSkipped += 1
    return true
  }

  private func giveUp() { lose(health.giveUp(needsKeyFrame: capture!.stream.layout.way.isVideo)) }

  /// When a substitute is to be lent: the no-signal picture, or the last picture again.
  private var standInDue: NIODeadline? {
    guard trouble == nil else { return noSignal.due }
    return capture?.last == nil ? nil : stills.due
  }

  private func lendAgain<R>(_ body: (borrowing VideoFrame) throws -> R) throws -> R? {
    let now = NIODeadline.now()
    guard trouble == nil, let due = stills.due, due <= now, let last = capture!.last else { return nil }
    stills.lent(at: now)
    lostCounters.framesRepeated += 1
    return try capture!.unpacker.withFrame(last.again(at: now)) { try normalizer.normalize($0, body) }
  }

  private func lose(_ cause: SourceTrouble) {
    lostCounters = counters
    capture = nil
    health.lost(cause)
  }

  /// Tries once to open the camera. Its errors are ignored while it is on its way back, except that a bridge has no
  /// signal.
  private func reopen() {
    do throws(CaptureError) {
      let found = try Self.open(device, options)
      guard found.stream.device.capabilities.card == mode.card else { return }
      adopt(found.stream.layout.size)
      capture = consume found
    } catch {
      guard case .noSignal(_, let reason) = error else { return }
      health.stillLost(.noInput(reason: reason))
    }
  }

  /// Adopts the size of another signal, which changes the picture for viewers too.
  private func adopt(_ size: PictureSize) {
    let new = Self.format(size: size, rate: format.frameRate, options)
    guard new != format else { return }
    format = new
    normalizer = PictureNormalizer(width: new.width, height: new.height, orientation: options.orientation)
    noSignal = NoSignalPicture(width: new.width, height: new.height)
  }

  /// Raw frames are too much for a USB bus that another camera uses; JPEG may still fit.
  private static func open(_ path: String, _ options: Options) throws(CaptureError) -> Capture {
    do throws(CaptureError) {
      return try open(path, options) { _ in true }
    } catch {
      guard case .noBusBandwidth = error else { throw error }
      do throws(CaptureError) {
        return try open(path, options) { $0 == .jpeg }
      } catch {
        // The first reason is the one that counts.
      }
      throw error
    }
  }

  private static func open(
    _ path: String, _ options: Options, where isAllowed: (PixelFormat.Way) -> Bool
  ) throws(CaptureError) -> Capture {
    let device = try V4L2Device(path: path)
    try device.requireCapture()
    try device.adoptSignal()
    let mode = try chooseMode(device, options, where: isAllowed)
    try device.apply(options.controls)
    var stream = try CaptureStream.prepare(device, mode: mode)
    // It is started at once: a camera that cannot stream reports it before anybody is called, and the first picture is
    // well exposed.
    try stream.start()
    let video = try AccessUnitDecoder(for: stream.layout.way, path: path)
    let unpacker = FrameUnpacker(stream.layout, device: stream.device, video: video)
    return Capture(stream: stream, unpacker: unpacker)
  }

  private static func chooseMode(
    _ device: borrowing V4L2Device, _ options: Options, where isAllowed: (PixelFormat.Way) -> Bool
  ) throws(CaptureError) -> CaptureMode {
    let offers = device.formatOffers().filter { $0.format.way.map(isAllowed) ?? true }
    let mode = CaptureMode.choose(
      from: offers, size: options.storedSize ?? CaptureMode.usualSize,
      rate: options.frameRate ?? CaptureMode.usualRate
    ) { device.rates(of: $0, at: $1) }
    guard let mode else { throw device.refusal(of: offers) }
    return mode
  }

  private static func remark(
    path: String, size: PictureSize, rate: FrameRate?, format: PixelFormat, options: Options
  ) -> String? {
    let remarks = [
      nearest(path: path, size: size, rate: rate, options: options),
      format.way?.isVideo == true ? "\(path) gives only \(format.name), which is \(CameraMode.Cost.video)" : nil,
    ]
    let lines = remarks.compactMap { $0 }
    return lines.isEmpty ? nil : lines.joined(separator: "; ")
  }

  private static func nearest(path: String, size: PictureSize, rate: FrameRate?, options: Options) -> String? {
    let isOtherSize = options.storedSize.map { $0 != size } ?? false
    let isOtherRate = options.frameRate.map { wanted in rate.map { $0 != wanted } ?? false } ?? false
    guard isOtherSize || isOtherRate else { return nil }
    let got = rate.map { "\(size) at \($0) fps" } ?? "\(size)"
    return "\(path) does not support the requested mode; the closest is \(got)"
  }
}

extension CameraSource.Options {
  /// The requested size before the picture is turned.
  var storedSize: PictureSize? {
    size.map { orientation.swapsSides ? $0.turned : $0 }
  }
}
