import Glibc
import NIOCore
import Video

/// Pictures that another program writes into our standard input as they come: YUV4MPEG2, or raw I420. The newest wins,
/// so `rpicam-vid --codec yuv420 -o - | jinglecam stream - …` shows the camera and not what it saw a while ago.
package final class PipeSource: VideoSource {
  package struct Options: Sendable {
    /// Of raw pictures, which do not tell it; what pictures that do are fitted into.
    package var size: (width: Int, height: Int)?
    /// Likewise.
    package var frameRate: FrameRate?
    package var orientation: Orientation

    package init(
      size: (width: Int, height: Int)? = nil, frameRate: FrameRate? = nil, orientation: Orientation = .upright
    ) {
      self.size = size
      self.frameRate = frameRate
      self.orientation = orientation
    }
  }

  /// SOURCE that means standard input.
  package static let name = "-"

  package let format: VideoFormat
  package let timeline = VideoTimeline.live

  private let header: Y4MHeader
  private let latest: LatestPicture
  private var normalizer: PictureNormalizer
  private var limiter: FrameRateLimiter?
  private var skipped = 0
  private var repeated = 0
  /// The picture that was taken last, which stays ours until there is another.
  private var shown: LatestPicture.Memory?
  private var stills: StillTimeline

  /// The kernel copies whole pages fastest to where pages begin.
  private static let pageSize = 4_096

  /// Waits for the first bytes, which tell what it is.
  package convenience init(options: Options = Options()) throws(CaptureError) {
    var status = stat()
    guard fstat(STDIN_FILENO, &status) == 0 else { throw .invalidInput("it is closed") }
    guard isatty(STDIN_FILENO) == 0 else { throw .invalidInput("it is a terminal; pipe video into it") }
    guard status.st_mode & S_IFMT != S_IFREG else { throw .invalidInput("it is a file; give its name as SOURCE") }
    try self.init(InputFile(descriptor: STDIN_FILENO), options)
  }

  init(_ input: consuming InputFile, _ options: Options) throws(CaptureError) {
    let beginning = UnsafeMutableRawBufferPointer.allocate(byteCount: Y4MHeader.magic.utf8.count, alignment: 1)
    defer { beginning.deallocate() }
    guard input.read(into: beginning) else { throw .invalidInput("it ended before the first picture") }
    let isRaw = !beginning.elementsEqual(Y4MHeader.magic.utf8)
    header = isRaw ? try Self.rawHeader(options) : try Self.header(behindMagicOf: input)
    let geometry = DisplayGeometry(
      width: header.width, height: header.height, sampleAspect: (1, 1), orientation: options.orientation,
      bounds: isRaw ? nil : options.size)
    let rate = min(header.frameRate, options.frameRate ?? header.frameRate).encoded
    format = VideoFormat(width: geometry.width, height: geometry.height, frameRate: rate)
    normalizer = PictureNormalizer(
      width: geometry.width, height: geometry.height, orientation: options.orientation)
    stills = StillTimeline(frameRate: rate, maximum: options.frameRate)
    limiter = rate < header.frameRate ? FrameRateLimiter(maximum: rate) : nil
    latest = LatestPicture(pictureSize: header.pictureSize, alignment: Self.pageSize)
    PipeReader(input, into: latest, beginning: isRaw ? Array(beginning) : nil).start()
  }

  private static func rawHeader(_ options: Options) throws(CaptureError) -> Y4MHeader {
    guard let size = options.size, let rate = options.frameRate else {
      throw .invalidInput("it is not YUV4MPEG2; say how large and how fast its raw pictures are by --size and --fps")
    }
    return Y4MHeader(width: size.width, height: size.height, frameRate: rate)
  }

  private static func header(behindMagicOf input: borrowing InputFile) throws(CaptureError) -> Y4MHeader {
    let header: Y4MHeader
    do throws(Y4MError) {
      header = try Y4MHeader(behindMagicOf: input)
    } catch {
      throw .invalidInput(error.description)
    }
    guard header.isPlain else {
      throw .invalidInput("its pictures are not 8 bit 4:2:0 of square samples; write yuv420p into it")
    }
    guard DisplayGeometry.isPlayable(width: header.width, height: header.height) else {
      throw .invalidInput("\(header.width)x\(header.height) is too large")
    }
    return header
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
      let memory: LatestPicture.Memory
      var time: NIODeadline
      switch latest.take(until: stills.due, givingBack: shown) {
      case .picture(let newest, let arrival):
        (memory, time) = (newest, arrival)
        shown = newest
        // From before anybody looked; where the writer pauses, it is the picture all the same.
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
