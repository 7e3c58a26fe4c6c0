import NIOCore
import Video

/// The pictures of a plain YUV4MPEG2 file. Each is read directly into the buffer from which it is shown, without a library.
/// A truncated file ends where it was cut.
package final class Y4MSource: VideoSource {
  package let format: VideoFormat
  package let timeline = VideoTimeline.media

  package private(set) var counters = SourceCounters()

  private let file: InputFile
  private let header: Y4MHeader
  private let loops: Bool
  /// The position of the line before the first picture, in bytes.
  private let start: Int
  private let picture: UnsafeMutableRawBufferPointer
  private var normalizer: PictureNormalizer
  private var limiter: FrameRateLimiter?
  private var stills: StillTimeline
  /// The number of the next picture, which continues across the rounds of a loop.
  private var number: Int64 = 0
  /// The number of pictures in this round of the loop. A round without any is the last.
  private var hasFrames = false
  private var hasEnded = false

  /// The kernel copies whole pages fastest to page boundaries.
  private static let pageSize = 4_096

  /// Fails if the file is not YUV4MPEG2 or needs conversion, which is the task of `FileSource`.
  package init?(path: String, options: FileSource.Options = .init()) throws(CaptureError) {
    guard let file = try InputFile(path: path) else { return nil }
    let header: Y4MHeader
    do throws(Y4MError) {
      guard let parsed = try Y4MHeader(of: file), parsed.isPlain else { return nil }
      header = parsed
    } catch {
      throw .notVideo(path: path, reason: error.description)
    }
    guard DisplayGeometry.isPlayable(width: header.width, height: header.height) else {
      throw .unsupported(path: path, reason: "\(header.width)x\(header.height) is too large")
    }
    let geometry = DisplayGeometry(
      width: header.width, height: header.height, sampleAspect: (1, 1), orientation: options.orientation,
      bounds: options.size)
    format = VideoFormat(
      width: geometry.width, height: geometry.height,
      frameRate: min(header.frameRate, options.maximumFrameRate ?? header.frameRate).encoded)
    normalizer = PictureNormalizer(
      width: geometry.width, height: geometry.height, orientation: options.orientation)
    limiter = options.maximumFrameRate.map(FrameRateLimiter.init)
    stills = StillTimeline(frameRate: format.frameRate, maximum: options.maximumFrameRate)
    loops = options.loops
    start = file.position
    picture = .allocate(byteCount: header.pictureSize, alignment: Self.pageSize)
    self.header = header
    self.file = file
  }

  deinit {
    picture.deallocate()
  }

  package func nextFrame<R>(
    notBefore earliest: NIODeadline, _ body: (borrowing VideoFrame) throws -> R
  ) throws -> R? {
    while true {
      let time = header.frameRate.time(ofFrame: number)
      if let due = stills.due, due < time {
        stills.lent(at: due)
        guard due >= earliest else { continue }
        counters.framesRepeated += 1
        return try normalizer.normalize(header.frame(of: picture, captureTime: due), body)
      }
      guard advance() else { return nil }
      let isLate = time < earliest
      let isWanted = !isLate && limiter?.admits(time) ?? true
      // A file that is cut within a picture has no next line either.
      guard isWanted ? file.read(into: picture) : file.skip(picture.count) else { continue }
      number += 1
      hasFrames = true
      counters.framesSkipped += isLate ? 1 : 0
      guard isWanted else { continue }
      stills.lent(at: time)
      return try normalizer.normalize(header.frame(of: picture, captureTime: time), body)
    }
  }

  /// Moves to the beginning of the next picture.
  ///
  /// - Returns: false at the end.
  private func advance() -> Bool {
    while !hasEnded {
      if file.passFrameHeader() { return true }
      hasEnded = !(loops && hasFrames && file.seek(to: start))
      hasFrames = false
    }
    return false
  }
}
