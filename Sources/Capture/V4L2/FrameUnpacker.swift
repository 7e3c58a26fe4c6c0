import CV4L2
import Glibc
import Video

/// Lends a camera's picture as 8 bit 4:2:0: where it lies if it is that already, else from a scratch picture.
struct FrameUnpacker: ~Copyable {
  private let layout: FrameLayout
  private var scratch: PictureBuffer
  private var jpeg = JPEGDecoder(largestArea: DisplayGeometry.largestArea)
  private let library: LibraryConverter?

  init(_ layout: FrameLayout, device: borrowing V4L2Device) {
    self.layout = layout
    scratch =
      layout.isInPlace
      ? .init(width: 2, height: 2) : PictureBuffer(width: layout.size.width, height: layout.size.height)
    library = layout.way == .library ? LibraryConverter(layout, device: device) : nil
  }

  /// False where the picture is cut short or damaged. What is not lent where it lies may go back to the driver then.
  mutating func unpack(_ picture: CaptureStream.Picture) -> Bool {
    guard let base = picture.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
      picture.bytes.count >= layout.pictureSize
    else { return false }
    switch layout.way {
    case .inPlace:
      return true
    case .packed(let packed):
      scratch.fill(from: base, layout: packed, stride: layout.stride)
      return true
    case .jpeg:
      return (try? jpeg.decode(picture.bytes, into: &scratch)) != nil
    case .library:
      return library?.convert(picture.bytes, into: scratch) == true
    }
  }

  /// Lends what ``unpack(_:)`` found whole.
  borrowing func withFrame<R>(
    _ picture: CaptureStream.Picture, _ body: (borrowing VideoFrame) throws -> R
  ) rethrows -> R {
    if case .inPlace(let planar) = layout.way, let base = picture.bytes.baseAddress {
      return try body(lend(base.assumingMemoryBound(to: UInt8.self), planar, picture))
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
