import CFFmpeg
import NIOCore
import Video

/// The video of a file, in anything that FFmpeg reads.
///
/// The file is opened and its stream examined by `init`, so that what cannot be played is found before anybody is
/// called. Damage further in is skipped and counted; a file cut short ends where it was cut.
package final class FileSource: VideoSource {
  package struct Options: Sendable {
    /// The picture is fitted into this size, keeping its shape.
    package var size: (width: Int, height: Int)?
    /// Frames above this rate are dropped.
    package var maximumFrameRate: FrameRate?
    /// From the end back to the start, for ever; capture times go on growing.
    package var loops: Bool
    /// On top of what the file says of itself.
    package var orientation: Orientation
    /// Each costs some frames' worth of memory.
    package var decoderThreads: Int

    package init(
      size: (width: Int, height: Int)? = nil, maximumFrameRate: FrameRate? = nil, loops: Bool = false,
      orientation: Orientation = .upright, decoderThreads: Int = 1
    ) {
      self.size = size
      self.maximumFrameRate = maximumFrameRate
      self.loops = loops
      self.orientation = orientation
      self.decoderThreads = decoderThreads
    }
  }

  package let format: VideoFormat
  package let timeline = VideoTimeline.media
  package private(set) var counters = SourceCounters()

  private let path: String
  private let options: Options
  private let ffmpeg: FFmpeg
  private var demuxer: Demuxer
  private var decoder: FrameDecoder
  private let packet: UnsafeMutablePointer<AVPacket>
  private var unpacker: PixelUnpacker
  private var normalizer: PictureNormalizer
  private var times: FrameTimeline
  private var limiter: FrameRateLimiter?
  private var stills: StillTimeline
  /// Of a frame that is decoded and not due yet.
  private var pending: NIODeadline?
  /// In this round of the loop; a round without any is the last.
  private var hasFrames = false
  private var isDraining = false
  private var hasEnded = false
  private var failuresInSequence = 0

  /// A decoder that answers nothing but errors while it is being emptied would otherwise never end.
  private static let mostFailures = 1_000

  package init(path: String, options: Options = Options()) throws(CaptureError) {
    let ffmpeg = try FFmpeg.load()
    let demuxer = try Demuxer(path: path, ffmpeg: ffmpeg)
    let (width, height) = (Int(demuxer.parameters.pointee.width), Int(demuxer.parameters.pointee.height))
    guard width > 0, height > 0 else { throw .notVideo(path: path, reason: "its pictures have no size") }
    guard DisplayGeometry.isPlayable(width: width, height: height) else {
      throw .unsupported(path: path, reason: "\(width)x\(height) is too large")
    }
    let decoder = try FrameDecoder(for: demuxer, path: path, threads: options.decoderThreads, ffmpeg: ffmpeg)
    let aspect = demuxer.sampleAspectRatio
    let orientation = demuxer.orientation.followed(by: options.orientation)
    let geometry = DisplayGeometry(
      width: width, height: height, sampleAspect: (Int(aspect.num), Int(aspect.den)), orientation: orientation,
      bounds: options.size)
    let claimedRate = demuxer.frameRate
    let frameRate = FrameRate(claimed: claimedRate.num, per: claimedRate.den)
    format = VideoFormat(
      width: geometry.width, height: geometry.height,
      frameRate: min(frameRate, options.maximumFrameRate ?? frameRate))
    normalizer = PictureNormalizer(width: geometry.width, height: geometry.height, orientation: orientation)
    times = FrameTimeline(interval: frameRate.interval)
    limiter = options.maximumFrameRate.map(FrameRateLimiter.init)
    stills = StillTimeline(frameRate: format.frameRate, maximum: options.maximumFrameRate)
    guard let packet = ffmpeg.av_packet_alloc() else { preconditionFailure("out of memory") }
    unpacker = PixelUnpacker(ffmpeg: ffmpeg)
    self.ffmpeg = ffmpeg
    self.packet = packet
    self.path = path
    self.options = options
    self.demuxer = demuxer
    self.decoder = decoder
  }

  deinit {
    var packet: UnsafeMutablePointer<AVPacket>? = packet
    ffmpeg.av_packet_free(&packet)
  }

  package func nextFrame<R>(
    notBefore earliest: NIODeadline, _ body: (borrowing VideoFrame) throws -> R
  ) throws -> R? {
    while let time = try timeOfNext() {
      if let due = stills.due, due < time {
        pending = time
        stills.lent(at: due)
        guard due >= earliest else { continue }
        if let result = try lend(decoder.previous, at: due, body) {
          counters.framesRepeated += 1
          return result
        }
        continue
      }
      pending = nil
      guard time >= earliest else {
        counters.framesSkipped += 1
        continue
      }
      guard limiter?.admits(time) ?? true else { continue }
      stills.lent(at: time)
      if let result = try lend(decoder.frame, at: time, body) { return result }
      stills.forget()
      counters.framesCorrupt += 1
    }
    return nil
  }

  private func lend<R>(
    _ frame: UnsafeMutablePointer<AVFrame>, at time: NIODeadline, _ body: (borrowing VideoFrame) throws -> R
  ) throws -> R? {
    try unpacker.withFrame(frame, captureTime: time) { try normalizer.normalize($0, body) }
  }

  /// `nil` at the end.
  private func timeOfNext() throws(CaptureError) -> NIODeadline? {
    if let pending { return pending }
    return try decodeNext() ? captureTimeOfFrame() : nil
  }

  /// Leaves the next frame in `decoder.frame`; false at the end.
  private func decodeNext() throws(CaptureError) -> Bool {
    while !hasEnded {
      switch decoder.receive() {
      case .frame:
        failuresInSequence = 0
        hasFrames = true
        return true
      case .needsPacket:
        feed()
      case .corrupt:
        counters.framesCorrupt += 1
        failuresInSequence += 1
        hasEnded = isDraining && failuresInSequence > Self.mostFailures
      case .end:
        try finishRound()
      }
    }
    return false
  }

  private func feed() {
    // Whatever ends the reading, be it a disk error or a cut, what came before is still shown.
    guard demuxer.read(into: packet).isSuccess else {
      isDraining = true
      _ = decoder.send(nil)
      return
    }
    if !decoder.send(packet) { counters.framesCorrupt += 1 }
  }

  private func finishRound() throws(CaptureError) {
    guard options.loops, hasFrames else {
      hasEnded = true
      return
    }
    hasFrames = false
    isDraining = false
    times.restart()
    if demuxer.rewind() {
      decoder.flush()
    } else {
      demuxer = try Demuxer(path: path, ffmpeg: ffmpeg)
      decoder = try FrameDecoder(for: demuxer, path: path, threads: options.decoderThreads, ffmpeg: ffmpeg)
    }
  }

  private func captureTimeOfFrame() -> NIODeadline {
    let nanoseconds = AVRational(num: 1, den: 1_000_000_000)
    let frame = decoder.frame
    let timeBase = demuxer.timeBase
    func converted(_ value: Int64) -> Int64? {
      value == cffmpeg_no_timestamp ? nil : ffmpeg.av_rescale_q(value, timeBase, nanoseconds)
    }
    return times.captureTime(
      timestamp: converted(frame.pointee.best_effort_timestamp), duration: converted(cffmpeg_duration(frame)))
  }
}
