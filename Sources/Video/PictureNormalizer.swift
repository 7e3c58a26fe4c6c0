import CYUV
import NIOCore

/// Converts any 8-bit 4:2:0 picture to what VP8 players assume: the size of the stream, square pixels, upright, in
/// limited-range BT.601.
///
/// A picture that meets this already is passed on without a copy. libyuv changes the geometry, `ColourTransform` the
/// colours.
package struct PictureNormalizer: ~Copyable {
  /// The width of the resulting pictures in pixels.
  package let width: Int
  package let height: Int

  private let orientation: Orientation
  private var transform = ColourTransform(from: .vp8)
  private var transformSource = ColourSpace.vp8
  // There is a scratch picture for each step, which costs nothing if the step is never needed.
  private var planar = PictureBuffer(width: 1, height: 1)
  private var scaled = PictureBuffer(width: 1, height: 1)
  private var turned = PictureBuffer(width: 1, height: 1)
  private var coloured = PictureBuffer(width: 1, height: 1)

  package init(width: Int, height: Int, orientation: Orientation = .upright) {
    precondition(width > 0 && height > 0, "a picture has an area")
    self.width = width
    self.height = height
    self.orientation = orientation
  }

  package mutating func normalize<R>(
    _ frame: borrowing VideoFrame, _ body: (borrowing VideoFrame) throws -> R
  ) rethrows -> R {
    let upright = PictureSize(width: width, height: height)
    let size = orientation.swapsSides ? upright.turned : upright
    let mustScale = frame.width != size.width || frame.height != size.height
    let mustTurn = orientation != .upright
    let mustRecolour = frame.colourSpace != .vp8
    guard mustScale || mustTurn || mustRecolour else { return try body(frame) }

    var picture = frame.unpacked(into: &planar)
    if mustScale { picture = picture.scaled(to: size, into: &scaled) }
    if mustTurn { picture = picture.turned(orientation, into: &turned) }
    if mustRecolour { picture = recoloured(picture) }
    return try body(picture)
  }

  private mutating func recoloured(_ picture: borrowing VideoFrame) -> VideoFrame {
    if transformSource != picture.colourSpace {
      transformSource = picture.colourSpace
      transform = ColourTransform(from: transformSource)
    }
    coloured.resize(width: picture.width, height: picture.height)
    transform.apply(picture, to: coloured)
    return coloured.frame(captureTime: picture.captureTime, colourSpace: .vp8)
  }
}

/// The steps. Each returns a view of the scratch picture or of the frame itself, which must not outlive either.
extension VideoFrame {
  borrowing func unpacked(into scratch: inout PictureBuffer) -> VideoFrame {
    switch chroma {
    case .i420:
      return VideoFrame(
        width: width, height: height, luma: luma, chroma: chroma, colourSpace: colourSpace, captureTime: captureTime)
    case .nv12(let uv):
      scratch.resize(width: width, height: height)
      let status = NV12ToI420(
        luma.base, Int32(luma.stride), uv.base, Int32(uv.stride),
        scratch.luma.baseAddress, Int32(scratch.lumaStride), scratch.u.baseAddress, Int32(scratch.chromaStride),
        scratch.v.baseAddress, Int32(scratch.chromaStride), Int32(width), Int32(height))
      precondition(status == 0, "libyuv refuses only missing planes and empty pictures")
      return scratch.frame(captureTime: captureTime, colourSpace: colourSpace)
    }
  }

  fileprivate borrowing func turned(_ orientation: Orientation, into scratch: inout PictureBuffer) -> VideoFrame {
    let (u, v) = planarChroma
    if orientation.swapsSides {
      scratch.resize(width: height, height: width)
    } else {
      scratch.resize(width: width, height: height)
    }
    // libyuv flips a picture with a negative height upside down, which together with a half turn is a mirroring.
    let turn = orientation.isMirrored ? orientation.turnAfterVerticalFlip : orientation.turn
    let status = I420Rotate(
      luma.base, Int32(luma.stride), u.base, Int32(u.stride), v.base, Int32(v.stride),
      scratch.luma.baseAddress, Int32(scratch.lumaStride), scratch.u.baseAddress, Int32(scratch.chromaStride),
      scratch.v.baseAddress, Int32(scratch.chromaStride), Int32(width),
      Int32(orientation.isMirrored ? -height : height), RotationMode(UInt32(turn.rawValue)))
    precondition(status == 0, "libyuv refuses only missing planes and empty pictures")
    return scratch.frame(captureTime: captureTime, colourSpace: colourSpace)
  }

  var planarChroma: (u: Plane, v: Plane) {
    guard case .i420(let u, let v) = chroma else { preconditionFailure("unpacked before") }
    return (u, v)
  }
}
