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
  private var normalizer: PictureNormalizer
  private let frames: LiveFrames<PipeReader.Memory>

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
    let memory = (0..<3).map { _ in
      PipeReader.Memory(bytes: .allocate(byteCount: header.pictureSize, alignment: Self.pageSize))
    }
    let latest = LatestPicture(memory, freedBy: { $0.bytes.deallocate() })
    frames = LiveFrames(
      latest, stills: StillTimeline(frameRate: rate, maximum: options.frameRate),
      limiter: rate < header.frameRate ? FrameRateLimiter(maximum: rate) : nil)
    PipeReader(input, into: latest, beginning: beginning).start()
  }

  package var counters: SourceCounters { frames.counters }

  package func nextFrame<R>(
    notBefore earliest: NIODeadline, _ body: (borrowing VideoFrame) throws -> R
  ) throws -> R? {
    try frames.next(notBefore: earliest, in: format, unless: { nil }, body) { picture, time in
      try normalizer.normalize(header.frame(of: picture.bytes, captureTime: time), body)
    }
  }
}
