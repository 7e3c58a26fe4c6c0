import Glibc
import NIOCore
import Video

/// The pictures of a V4L2 camera, the newest first. While it is unplugged, or silent, there is a "no signal" picture
/// instead, and it is looked for under its stable name until it is back.
package final class CameraSource: VideoSource {
  package struct Options: Sendable {
    /// What the camera is asked for; it snaps to the nearest that it offers.
    package var size: PictureSize?
    package var frameRate: FrameRate?
    package var orientation: Orientation
    package var controls: [ControlSetting]
    /// So long without a picture, and the camera is taken for stuck.
    package var patience: TimeAmount
    /// Told what helps whoever looks into the behaviour of a camera.
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

  /// Of another size where a bridge has another signal.
  package private(set) var format: VideoFormat
  /// In one line, where the camera has not what was asked for.
  package let remark: String?
  /// As it was opened; without a format where there was no signal.
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

  /// The stream and what reads its pictures belong together: a camera may come back with another format.
  private struct Capture: ~Copyable {
    var stream: CaptureStream
    var unpacker: FrameUnpacker
    /// What was lent last, and can be lent again.
    var last: CaptureStream.Picture?

    /// Lent where it lies, it is still ours.
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
      // A bridge without a signal is waited for, as for a camera that was unplugged.
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
    // What a driver answers is a promise at best; whoever names a rate gets no more than that.
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

  /// What is known of a camera once it is open; without a signal, what it is taken for.
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
    // VP8 has odd sizes, but 4:2:0 has none: the last column would have a chroma sample of its own.
    return VideoFormat(width: max(2, size.width & ~1), height: max(2, size.height & ~1), frameRate: rate)
  }

  package var timeline: VideoTimeline { .live }
  package var trouble: SourceTrouble? { health.trouble }
  /// The path under which it is looked for.
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

  /// Whether a picture comes that can be shown, which takes as long as that takes.
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

  /// `nil` where there was none to show: it was damaged or surplus, or the camera is lost.
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
      lose(.noInput(reason: "the signal on HDMI is another"))
      return nil
    case .failed(let code):
      lose(.lost(reason: String(cString: strerror(code))))
      return nil
    }
    if !capture!.stream.isClockBelieved, !hasToldOfClock {
      hasToldOfClock = true
      options.onDetail("\(device): its pictures have times of another clock; they are shown as they come")
    }
    // What is compressed is decoded in any case: what follows is made out of it.
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
      // One damaged picture after the other is no better than none.
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

  /// When something else than a new picture is to be lent: one that says that there is none, or the last one again.
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

  /// Tries once. What is wrong with a camera that is on its way back is of no interest, but that a bridge has no signal.
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

  /// Another signal has a size of its own, which is a change for viewers as well.
  private func adopt(_ size: PictureSize) {
    let new = Self.format(size: size, rate: format.frameRate, options)
    guard new != format else { return }
    format = new
    normalizer = PictureNormalizer(width: new.width, height: new.height, orientation: options.orientation)
    noSignal = NoSignalPicture(width: new.width, height: new.height)
  }

  private static func open(_ path: String, _ options: Options) throws(CaptureError) -> Capture {
    let device = try V4L2Device(path: path)
    try device.requireCapture()
    try device.adoptSignal()
    let mode = try chooseMode(device, options)
    try device.apply(options.controls)
    var stream = try CaptureStream.prepare(device, mode: mode)
    // At once: a camera that cannot stream says so before anybody is called, and the first picture is well exposed.
    try stream.start()
    let video = try AccessUnitDecoder(for: stream.layout.way, path: path)
    let unpacker = FrameUnpacker(stream.layout, device: stream.device, video: video)
    return Capture(stream: stream, unpacker: unpacker)
  }

  private static func chooseMode(
    _ device: borrowing V4L2Device, _ options: Options
  ) throws(CaptureError) -> CaptureMode {
    let offers = device.formatOffers()
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
    return "\(path) has not quite what was asked for; the nearest is \(got)"
  }
}

extension CameraSource.Options {
  /// The wanted size before the picture is turned.
  fileprivate var storedSize: PictureSize? {
    size.map { orientation.swapsSides ? $0.turned : $0 }
  }
}
