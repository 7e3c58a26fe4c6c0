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
  package var trouble: SourceTrouble? { frames.trouble }

  private let ffmpeg: FFmpeg
  private let frameRate: FrameRate
  private let link = LiveLink()
  private let deadline: InputDeadline
  private var renderer: FrameRenderer
  private let frames: LiveFrames<LiveReader.Picture>

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
    let pictures = (0..<3).map { _ in
      guard let frame = ffmpeg.av_frame_alloc() else { preconditionFailure("out of memory") }
      return LiveReader.Picture(frame: frame)
    }
    let latest = LatestPicture(
      pictures,
      freedBy: { picture in
        var frame: UnsafeMutablePointer<AVFrame>? = picture.frame
        ffmpeg.av_frame_free(&frame)
      })
    frames = LiveFrames(
      latest, stills: StillTimeline(frameRate: frameRate, maximum: options.maximumFrameRate),
      limiter: options.maximumFrameRate.map(FrameRateLimiter.init), interruption: Self.patience)
    self.deadline = deadline
    self.ffmpeg = ffmpeg
    LiveReader(reader, of: input, into: latest, link: link, deadline: deadline, ffmpeg: ffmpeg).start()
  }

  deinit {
    deadline.stopForGood()
  }

  package var counters: SourceCounters {
    var counters = frames.counters
    counters.framesCorrupt += link.framesCorrupt
    return counters
  }

  package func nextFrame<R>(
    notBefore earliest: NIODeadline, _ body: (borrowing VideoFrame) throws -> R
  ) throws -> R? {
    try frames.next(notBefore: earliest, in: format, unless: { link.trouble }, body) { picture, time in
      try renderer.withPicture(of: picture.frame, captureTime: time, body)
    }
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
