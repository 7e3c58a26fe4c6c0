import NIOCore
import Video

/// Uncompressed pictures that another program writes into a pipe: YUV4MPEG2 or raw I420. Only the newest is shown, so
/// that `rpicam-vid --codec yuv420 -o - | jinglecam stream - …` has no growing delay.
package final class PipeSource: VideoSource {
  package struct Options: Sendable {
    /// The size of raw pictures. Pictures with a known size are fitted into it.
    package var size: PictureSize?
    /// The frame rate of raw pictures, and the maximum for all others.
    package var frameRate: FrameRate?
    /// The number of bytes from one row of luma to the next in raw pictures, if it is not the width.
    package var stride: Int?
    package var orientation: Orientation

    package init(
      size: PictureSize? = nil, frameRate: FrameRate? = nil, stride: Int? = nil,
      orientation: Orientation = .upright
    ) {
      self.size = size
      self.stride = stride
      self.frameRate = frameRate
      self.orientation = orientation
    }
  }

  /// The value of SOURCE for standard input.
  package static let name = "-"

  package let format: VideoFormat
  package let timeline = VideoTimeline.live

  private let header: Y4MHeader
  private let latest: LatestPicture<PipeReader.Memory>
  private var normalizer: PictureNormalizer
  private var limiter: FrameRateLimiter?
  private var skipped = 0
  private var repeated = 0
  /// The picture taken last, which is kept until there is a newer one.
  private var shown: PipeReader.Memory?
  private var stills: StillTimeline

  /// The kernel copies whole pages fastest to page boundaries.
  private static let pageSize = 4_096

  /// Reads raw pictures or plain YUV4MPEG2.
  ///
  /// - Parameter beginning: the bytes of the first raw picture that were already read; `nil` for YUV4MPEG2.
  init(_ input: consuming InputFile, _ header: Y4MHeader, beginning: [UInt8]?, _ options: Options) {
    self.header = header
    let geometry = DisplayGeometry(
      width: header.width, height: header.height, sampleAspect: (1, 1), orientation: options.orientation,
      bounds: beginning == nil ? options.size : nil)
    let rate = min(header.frameRate, options.frameRate ?? header.frameRate).encoded
    format = VideoFormat(width: geometry.width, height: geometry.height, frameRate: rate)
    normalizer = PictureNormalizer(
      width: geometry.width, height: geometry.height, orientation: options.orientation)
    stills = StillTimeline(frameRate: rate, maximum: options.frameRate)
    limiter = rate < header.frameRate ? FrameRateLimiter(maximum: rate) : nil
    let memory = (0..<3).map { _ in
      PipeReader.Memory(bytes: .allocate(byteCount: header.pictureSize, alignment: Self.pageSize))
    }
    latest = LatestPicture(memory, freedBy: { $0.bytes.deallocate() })
    PipeReader(input, into: latest, beginning: beginning).start()
  }

  package var counters: SourceCounters {
    var counters = SourceCounters()
    counters.framesSkipped = latest.replaced + skipped
    counters.framesRepeated = repeated
    return counters
  }

  package func nextFrame<R>(
    notBefore earliest: NIODeadline, _ body: (borrowing VideoFrame) throws -> R
  ) throws -> R? {
    while true {
      let memory: PipeReader.Memory
      var time: NIODeadline
      switch latest.take(until: stills.due, givingBack: shown) {
      case .picture(let newest, let arrival):
        (memory, time) = (newest, arrival)
        shown = newest
        // An old picture is not shown now, but it is repeated if the writer pauses.
        if time < earliest {
          skipped += 1
          stills.lent(at: .now())
          continue
        }
        guard limiter?.admits(time) ?? true else { continue }
      case .none:
        guard let last = shown else { continue }
        (memory, time) = (last, .now())
        repeated += 1
      case .over:
        return nil
      }
      stills.lent(at: .now())
      return try normalizer.normalize(header.frame(of: memory.bytes, captureTime: time), body)
    }
  }

  deinit {
    if let shown { latest.giveBack(shown) }
  }
}
