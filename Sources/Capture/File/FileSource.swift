import CFFmpeg
import NIOCore
import Video

/// The video of a file in any format that FFmpeg reads.
///
/// The file is opened and its stream examined by `init`, so that what cannot be played is found before anybody is
/// called. Damage further in is skipped and counted; a file cut short ends where it was cut.
package final class FileSource: VideoSource {
  package struct Options: Sendable {
    /// The picture is fitted into this size, keeping its shape.
    package var size: PictureSize?
    /// Frames above this rate are dropped.
    package var maximumFrameRate: FrameRate?
    /// Whether to begin again at the end. Capture times continue to grow.
    package var loops: Bool
    /// Applied in addition to the orientation that the file states.
    package var orientation: Orientation
    /// The number of decoding threads, each of which needs memory for several frames.
    package var decoderThreads: Int

    package init(
      size: PictureSize? = nil, maximumFrameRate: FrameRate? = nil, loops: Bool = false,
      orientation: Orientation = .upright, decoderThreads: Int = 1
    ) {
      self.size = size
      self.maximumFrameRate = maximumFrameRate
      self.loops = loops
      self.orientation = orientation
      self.decoderThreads = decoderThreads
    }
  }

  /// The size changes when that of the film does.
  package var format: VideoFormat {
    VideoFormat(width: renderer.geometry.width, height: renderer.geometry.height, frameRate: frameRate)
  }
  package let timeline = VideoTimeline.media

  private let input: MediaInput
  private let deadline: InputDeadline
  private let options: Options
  private let ffmpeg: FFmpeg
  private let frameRate: FrameRate
  private var reader: FrameReader
  private var renderer: FrameRenderer
  private var times: FrameTimeline
  private var limiter: FrameRateLimiter?
  private var stills: StillTimeline
  private var ownCounters = SourceCounters()
  /// The due time of a frame that is decoded but not yet shown.
  private var pending: NIODeadline?
  /// Tells the sound when the pictures are shown.
  package let mediumClock: MediumClock?
  private var round = 0
  /// The number of frames shown in this round of the loop. A round without any is the last.
  private var hasFrames = false
  private var hasEnded = false

  package convenience init(path: String, options: Options = Options()) throws(CaptureError) {
    let ffmpeg = try FFmpeg.load()
    let (input, deadline) = (MediaInput.file(path: path), InputDeadline())
    let reader = try FrameReader.open(input, threads: options.decoderThreads, deadline: deadline, ffmpeg: ffmpeg)
    self.init(reader, of: input, options: options, deadline: deadline, ffmpeg: ffmpeg)
  }

  init(
    _ reader: consuming FrameReader, of input: MediaInput, options: Options, deadline: InputDeadline, ffmpeg: FFmpeg
  ) {
    let frameRate = reader.frameRate
    self.frameRate = min(frameRate, options.maximumFrameRate ?? frameRate).encoded
    times = FrameTimeline(interval: frameRate.interval)
    limiter = options.maximumFrameRate.map(FrameRateLimiter.init)
    stills = StillTimeline(frameRate: self.frameRate, maximum: options.maximumFrameRate)
    renderer = FrameRenderer(
      first: reader.frame, orientation: reader.orientation.followed(by: options.orientation), bounds: options.size,
      ffmpeg: ffmpeg)
    mediumClock = MediumClock(firstPicture: reader.timestamp.map { .nanoseconds($0) })
    self.reader = reader
    self.ffmpeg = ffmpeg
    self.input = input
    self.deadline = deadline
    self.options = options
  }

  package var counters: SourceCounters {
    var counters = ownCounters
    counters.framesCorrupt += reader.framesCorrupt
    return counters
  }

  package func nextFrame<R>(
    notBefore earliest: NIODeadline, _ body: (borrowing VideoFrame) throws -> R
  ) throws -> R? {
    while let time = try timeOfNext() {
      if let due = stills.due, due < time {
        pending = time
        stills.lent(at: due)
        guard due >= earliest else { continue }
        if let result = try renderer.withPicture(of: reader.previous, captureTime: due, body) {
          ownCounters.framesRepeated += 1
          return result
        }
        continue
      }
      pending = nil
      guard time >= earliest else {
        ownCounters.framesSkipped += 1
        continue
      }
      guard limiter?.admits(time) ?? true else { continue }
      stills.lent(at: time)
      if let result = try renderer.withPicture(of: reader.frame, captureTime: time, body) { return result }
      stills.forget()
      ownCounters.framesCorrupt += 1
    }
    return nil
  }

  /// - Returns: nil at the end of the file.
  private func timeOfNext() throws(CaptureError) -> NIODeadline? {
    if let pending { return pending }
    while !hasEnded {
      if reader.next() {
        let time = times.captureTime(timestamp: reader.timestamp, duration: reader.duration)
        if !hasFrames { mediumClock?.roundBegins(round, at: time - .uptimeNanoseconds(0)) }
        hasFrames = true
        return time
      }
      try finishRound()
    }
    return nil
  }

  private func finishRound() throws(CaptureError) {
    guard options.loops, hasFrames else {
      hasEnded = true
      return
    }
    hasFrames = false
    times.restart()
    round += 1
    guard !reader.rewind() else { return }
    ownCounters.framesCorrupt += reader.framesCorrupt
    reader = try FrameReader.open(input, threads: options.decoderThreads, deadline: deadline, ffmpeg: ffmpeg)
  }
}
