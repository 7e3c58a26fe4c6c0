import CV4L2
import Video

/// Lends a camera's picture as 8-bit 4:2:0, in place if it has that format, and otherwise from a scratch picture.
struct FrameUnpacker: ~Copyable {
  private let layout: FrameLayout
  private var scratch = PictureBuffer(width: 2, height: 2)
  private var jpeg = JPEGDecoder(largestArea: DisplayGeometry.largestArea)
  private let library: LibraryConverter?
  private let video: AccessUnitDecoder?

  enum Outcome: Equatable {
    case picture
    /// The picture is truncated or damaged.
    case damaged(reason: String)
    /// The picture cannot be decoded without another one.
    case incomplete(reason: String)
  }

  /// Surplus rows and columns are cut off if they only complete a block or two.
  private static let largestSurplus = 16

  /// - Parameter video: the decoder for a layout of compressed video.
  init(_ layout: FrameLayout, device: borrowing V4L2Device, video: AccessUnitDecoder?) {
    self.layout = layout
    library = layout.way == .library ? LibraryConverter(layout, device: device) : nil
    self.video = video
  }

  /// Unpacks a picture. Unless it is lent in place, its buffer can be given back afterwards.
  mutating func unpack(_ picture: CaptureStream.Picture) -> Outcome {
    if let video { return video.decode(picture.memories[0], isContinuous: picture.isContinuous) }
    return fault(unpacking: picture).map { Outcome.damaged(reason: $0) } ?? .picture
  }

  /// Unpacks a picture, and returns why that is impossible, or nil.
  private mutating func fault(unpacking picture: CaptureStream.Picture) -> String? {
    for plane in layout.planes where picture.memories[plane.memory].count < plane.end {
      return "\(picture.memories[plane.memory].count) bytes instead of \(plane.end)"
    }
    switch layout.way {
    case .planar(let planar):
      guard !planar.isInPlace else { return nil }
      scratch.resize(width: layout.size.width, height: layout.planes[0].rows)
      scratch.fill(from: planes(of: picture), layout: planar)
      return nil
    case .packed(let packed):
      scratch.resize(width: layout.size.width, height: layout.planes[0].rows)
      scratch.fill(from: planes(of: picture)[0], layout: packed)
      return nil
    case .jpeg:
      do throws(JPEGDecoder.Failure) {
        try jpeg.decode(picture.memories[0], into: &scratch)
        return nil
      } catch {
        return error.reason
      }
    case .library:
      scratch.resize(width: layout.storedSize.width, height: layout.storedSize.height)
      return library?.convert(picture.memories[0], into: scratch) ?? nil
    case .video:
      return nil
    }
  }

  /// Lends the picture that ``unpack(_:)`` accepted, in the size of the layout or an equivalent one. Returns nil if its
  /// pixel format cannot be converted.
  borrowing func withFrame<R>(
    _ picture: CaptureStream.Picture, _ body: (borrowing VideoFrame) throws -> R
  ) rethrows -> R? {
    if let video {
      return try video.withFrame(captureTime: picture.captureTime) { frame in
        let size = shownSize(of: PictureSize(width: frame.width, height: frame.height))
        return try body(frame.cropped(width: size.width, height: size.height))
      }
    }
    if case .planar(let planar) = layout.way, planar.isInPlace {
      return try body(
        planar.frame(
          planes(of: picture), width: layout.size.width, height: layout.planes[0].rows,
          colourSpace: layout.colourSpace, captureTime: picture.captureTime))
    }
    return try scratch.withFrame(captureTime: picture.captureTime, colourSpace: layout.colourSpace) { frame in
      guard layout.planes.isEmpty else { return try body(frame) }
      return try withDecoded(frame, body)
    }
  }

  /// Lends a decoded picture, which states its own size and contains both fields.
  private borrowing func withDecoded<R>(
    _ frame: borrowing VideoFrame, _ body: (borrowing VideoFrame) throws -> R
  ) rethrows -> R {
    let stored = layout.storedSize
    let size = shownSize(of: PictureSize(width: frame.width, height: frame.height))
    let shown = frame.cropped(width: size.width, height: size.height)
    // A picture of half the height contains one field.
    guard shown.height > stored.height * 3 / 4 else { return try body(shown) }
    switch layout.fields {
    case .progressive, .separate: return try body(shown)
    case .interlaced: return try body(shown.firstField())
    case .sequential: return try body(shown.cropped(width: shown.width, height: (shown.height + 1) / 2))
    }
  }

  /// The size stated by compressed video; nil for other layouts, which are shown in the size that was set.
  var videoSize: PictureSize? {
    guard let size = video?.size else { return nil }
    return shownSize(of: size)
  }

  private borrowing func shownSize(of decoded: PictureSize) -> PictureSize {
    let stored = layout.storedSize
    let surplus = 0...Self.largestSurplus
    let isCut = surplus.contains(decoded.width - stored.width) && surplus.contains(decoded.height - stored.height)
    return isCut ? stored : decoded
  }

  private borrowing func planes(of picture: CaptureStream.Picture) -> [VideoFrame.Plane] {
    layout.planes.map { plane in
      let base = picture.memories[plane.memory].baseAddress! + plane.offset
      return .init(base: base.assumingMemoryBound(to: UInt8.self), stride: plane.stride)
    }
  }
}
