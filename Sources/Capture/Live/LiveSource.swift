import CFFmpeg
import NIOCore
import Video

/// The newest pictures of a live source that FFmpeg decodes: a camera on the network, or coded video in a pipe. While no
/// pictures arrive, the no-signal picture is shown.
package final class LiveSource: VideoSource {
  package var format: VideoFormat {
    VideoFormat(width: renderer.geometry.width, height: renderer.geometry.height, frameRate: frameRate)
  }
  package let timeline = VideoTimeline.live
  package private(set) var trouble: SourceTrouble?

  private let ffmpeg: FFmpeg
  private let frameRate: FrameRate
  private let latest: LatestPicture<LiveReader.Picture>
  private let link = LiveLink()
  private let deadline: InputDeadline
  private var renderer: FrameRenderer
  private var limiter: FrameRateLimiter?
  private var stills: StillTimeline
  private var noSignal = NoSignalPicture(width: 2, height: 2)
  /// The picture taken last, which is kept until there is a newer one.
  private var shown: LiveReader.Picture?
  private var lastPicture = NIODeadline.now()
  private var ownCounters = SourceCounters()

  /// Viewers are not told of a shorter interruption.
  private static let patience = TimeAmount.seconds(2)

  init(
    _ reader: consuming FrameReader, of input: MediaInput, options: FileSource.Options, deadline: InputDeadline,
    ffmpeg: FFmpeg
  ) {
    let rate = reader.frameRate
    frameRate = min(rate, options.maximumFrameRate ?? rate).encoded
    renderer = FrameRenderer(
      first: reader.frame, orientation: reader.orientation.followed(by: options.orientation), bounds: options.size,
      ffmpeg: ffmpeg)
    limiter = options.maximumFrameRate.map(FrameRateLimiter.init)
    stills = StillTimeline(frameRate: frameRate, maximum: options.maximumFrameRate)
    let pictures = (0..<3).map { _ in
      guard let frame = ffmpeg.av_frame_alloc() else { preconditionFailure("out of memory") }
      return LiveReader.Picture(frame: frame)
    }
    latest = LatestPicture(
      pictures,
      freedBy: { picture in
        var frame: UnsafeMutablePointer<AVFrame>? = picture.frame
        ffmpeg.av_frame_free(&frame)
      })
    self.deadline = deadline
    self.ffmpeg = ffmpeg
    LiveReader(reader, of: input, into: latest, link: link, deadline: deadline, ffmpeg: ffmpeg).start()
  }

  deinit {
    deadline.stopForGood()
    if let shown { latest.giveBack(shown) }
  }

  package var counters: SourceCounters {
    var counters = ownCounters
    counters.framesSkipped += latest.replaced
    counters.framesCorrupt += link.framesCorrupt
    return counters
  }

  package func nextFrame<R>(
    notBefore earliest: NIODeadline, _ body: (borrowing VideoFrame) throws -> R
  ) throws -> R? {
    while true {
      let due = trouble == nil ? stills.due ?? .now() + StillTimeline.shortestPause : noSignal.due
      switch latest.take(until: due, givingBack: shown) {
      case .picture(let picture, let time):
        shown = picture
        trouble = nil
        lastPicture = .now()
        // An old picture is not shown now, but it is repeated if the source pauses.
        if time < earliest {
          ownCounters.framesSkipped += 1
          stills.lent(at: .now())
          continue
        }
        guard limiter?.admits(time) ?? true else { continue }
        stills.lent(at: .now())
        if let result = try renderer.withPicture(of: picture.frame, captureTime: time, body) { return result }
        ownCounters.framesCorrupt += 1
        stills.forget()
      case .none:
        if let cause = link.trouble, .now() - lastPicture > Self.patience {
          return try showNoSignal(because: cause, body)
        }
        guard stills.due != nil, let shown else { continue }
        stills.lent(at: .now())
        ownCounters.framesRepeated += 1
        return try renderer.withPicture(of: shown.frame, captureTime: .now(), body)
      case .over:
        return nil
      }
    }
  }

  private func showNoSignal<R>(
    because cause: SourceTrouble, _ body: (borrowing VideoFrame) throws -> R
  ) rethrows -> R {
    if trouble == nil { noSignal = NoSignalPicture(width: format.width, height: format.height) }
    trouble = cause
    ownCounters.framesWithoutSignal += 1
    noSignal.waitForTurn()
    return try noSignal.withFrame(body)
  }
}

extension LiveSource {
  /// Opens a source on the network: a live source, or a film that is played like a file.
  package static func open(
    _ address: NetworkAddress, options: FileSource.Options
  ) throws(CaptureError) -> any VideoSource {
    let ffmpeg = try FFmpeg.load()
    let (input, deadline) = (MediaInput.network(address), InputDeadline())
    let reader = try FrameReader.open(input, threads: options.decoderThreads, deadline: deadline, ffmpeg: ffmpeg)
    guard reader.isLive else {
      return FileSource(reader, of: input, options: options, deadline: deadline, ffmpeg: ffmpeg)
    }
    return LiveSource(reader, of: input, options: options, deadline: deadline, ffmpeg: ffmpeg)
  }

  static func open(
    _ file: consuming InputFile, name: String, beginning: [UInt8], options: FileSource.Options
  ) throws(CaptureError) -> LiveSource {
    let ffmpeg = try FFmpeg.load()
    let pipe = PipeInput(file, name: name, beginning: beginning, ffmpeg: ffmpeg)
    let (input, deadline) = (MediaInput.pipe(pipe), InputDeadline())
    let reader = try FrameReader.open(input, threads: options.decoderThreads, deadline: deadline, ffmpeg: ffmpeg)
    pipe.allowPauses()
    return LiveSource(reader, of: input, options: options, deadline: deadline, ffmpeg: ffmpeg)
  }
}
