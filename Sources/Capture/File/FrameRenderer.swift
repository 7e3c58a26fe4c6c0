import CFFmpeg
import NIOCore
import Video

/// Converts decoded frames into the pictures that are sent. The size and the aspect ratio are taken from each frame,
/// because they may change in the middle of a broadcast.
struct FrameRenderer: ~Copyable {
  fileprivate struct Shape: Equatable {
    let width: Int
    let height: Int
    let aspect: (width: Int, height: Int)

    static func == (left: Shape, right: Shape) -> Bool {
      left.width == right.width && left.height == right.height && left.aspect == right.aspect
    }
  }

  /// The geometry of the last picture.
  private(set) var geometry: DisplayGeometry

  private let orientation: Orientation
  private let bounds: PictureSize?
  private var shape: Shape
  private var unpacker: PixelUnpacker
  private var normalizer: PictureNormalizer

  /// - Parameter first: a frame of the stream, which determines the initial size.
  init(
    first: UnsafeMutablePointer<AVFrame>, orientation: Orientation, bounds: PictureSize?, ffmpeg: FFmpeg
  ) {
    shape = Shape(of: first)
    geometry = Self.geometry(of: shape, orientation, bounds)
    normalizer = PictureNormalizer(width: geometry.width, height: geometry.height, orientation: orientation)
    unpacker = PixelUnpacker(ffmpeg: ffmpeg)
    self.orientation = orientation
    self.bounds = bounds
  }

  /// - Returns: `nil` if the frame cannot be shown.
  mutating func withPicture<R>(
    of frame: UnsafeMutablePointer<AVFrame>, captureTime: NIODeadline, _ body: (borrowing VideoFrame) throws -> R
  ) throws -> R? {
    guard DisplayGeometry.isPlayable(width: Int(frame.pointee.width), height: Int(frame.pointee.height)) else {
      return nil
    }
    follow(Shape(of: frame))
    return try unpacker.withFrame(frame, captureTime: captureTime) { try normalizer.normalize($0, body) }
  }

  private mutating func follow(_ new: Shape) {
    guard new != shape else { return }
    shape = new
    let geometry = Self.geometry(of: new, orientation, bounds)
    guard geometry != self.geometry else { return }
    self.geometry = geometry
    normalizer = PictureNormalizer(width: geometry.width, height: geometry.height, orientation: orientation)
  }

  private static func geometry(
    of shape: Shape, _ orientation: Orientation, _ bounds: PictureSize?
  ) -> DisplayGeometry {
    DisplayGeometry(
      width: shape.width, height: shape.height, sampleAspect: shape.aspect, orientation: orientation, bounds: bounds)
  }
}

extension FrameRenderer.Shape {
  init(of frame: UnsafeMutablePointer<AVFrame>) {
    let aspect = frame.pointee.sample_aspect_ratio
    self.init(
      width: Int(frame.pointee.width), height: Int(frame.pointee.height), aspect: (Int(aspect.num), Int(aspect.den)))
  }
}
