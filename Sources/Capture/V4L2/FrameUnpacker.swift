import CV4L2
import Glibc
import Video

/// Lends a camera's picture as 8 bit 4:2:0: where it lies if it is that already, else from a scratch picture.
struct FrameUnpacker: ~Copyable {
  private let layout: FrameLayout
  private var scratch: PictureBuffer
  private var jpeg = JPEGDecoder()
  private let library: LibraryConverter?

  init(_ layout: FrameLayout, device: borrowing V4L2Device) {
    self.layout = layout
    let isScratchNeeded = if case .inPlace = layout.way { false } else { true }
    scratch =
      isScratchNeeded ? PictureBuffer(width: layout.size.width, height: layout.size.height) : .init(width: 2, height: 2)
    library = layout.way == .library ? LibraryConverter(layout, device: device) : nil
  }

  /// `nil` where the picture is cut short or damaged.
  mutating func withFrame<R>(
    _ picture: CaptureStream.Picture, _ body: (borrowing VideoFrame) throws -> R
  ) rethrows -> R? {
    guard let base = picture.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
      picture.bytes.count >= layout.pictureSize
    else { return nil }
    switch layout.way {
    case .inPlace(let planar):
      return try body(lend(base, planar, picture))
    case .packed(let packed):
      scratch.fill(from: base, layout: packed, stride: layout.stride)
    case .jpeg:
      guard (try? jpeg.decode(picture.bytes, into: scratch)) != nil else { return nil }
    case .library:
      guard library?.convert(picture.bytes, into: scratch) == true else { return nil }
    }
    return try scratch.withFrame(captureTime: picture.captureTime, colourSpace: layout.colourSpace, body)
  }

  private func lend(
    _ base: UnsafePointer<UInt8>, _ planar: PixelFormat.Planar, _ picture: CaptureStream.Picture
  ) -> VideoFrame {
    let first = base + layout.stride * layout.size.height
    let second = first + layout.chromaStride * ((layout.size.height + 1) / 2)
    func plane(_ base: UnsafePointer<UInt8>, _ stride: Int) -> VideoFrame.Plane { .init(base: base, stride: stride) }
    let chroma: VideoFrame.Chroma =
      switch planar {
      case .nv12: .nv12(plane(first, layout.stride))
      case .i420: .i420(u: plane(first, layout.chromaStride), v: plane(second, layout.chromaStride))
      case .yv12: .i420(u: plane(second, layout.chromaStride), v: plane(first, layout.chromaStride))
      }
    return VideoFrame(
      width: layout.size.width, height: layout.size.height, luma: plane(base, layout.stride), chroma: chroma,
      colourSpace: layout.colourSpace, captureTime: picture.captureTime)
  }
}
