import CYUV

/// The layout of samples in one plane, as far as libyuv can convert it to planar 4:2:0 (Linux kernel documentation,
/// "Packed YUV formats", "RGB formats", "Luma-only formats"). The names give the order in memory.
package enum PackedLayout: Hashable, Sendable {
  /// Two pixels share U and V.
  case yuyv, yvyu, uyvy, vyuy
  /// One byte each for red, green and blue.
  case rgb, bgr
  /// One byte each for red, green and blue, and one without meaning.
  case rgbx, bgrx, xrgb, xbgr
  /// Bits of a little-endian word, with red as the highest.
  case rgb565, rgb555, rgb444
  /// Luma only.
  case grey
  /// Luma only, in the low bits of a little-endian word.
  case deepGrey(bits: Int)

  /// The minimum length of a row of `width` pixels in bytes.
  package func bytesPerRow(width: Int) -> Int {
    switch self {
    case .yuyv, .yvyu, .uyvy, .vyuy: (width + 1) / 2 * 4
    case .rgb, .bgr: 3 * width
    case .rgbx, .bgrx, .xrgb, .xbgr: 4 * width
    case .rgb565, .rgb555, .rgb444, .deepGrey: 2 * width
    case .grey: width
    }
  }

  package var isGrey: Bool {
    switch self {
    case .grey, .deepGrey: true
    default: false
    }
  }

  package var hasFewColours: Bool { self == .rgb565 || self == .rgb555 || self == .rgb444 }

  /// Whether it has to be converted to YCbCr, for which any matrix and range can be chosen.
  package var isRGB: Bool {
    switch self {
    case .yuyv, .yvyu, .uyvy, .vyuy, .grey, .deepGrey: false
    case .rgb, .bgr, .rgbx, .bgrx, .xrgb, .xbgr, .rgb565, .rgb555, .rgb444: true
    }
  }
}

extension PictureBuffer {
  /// Unpacks a picture of the size of this buffer; red, green and blue are converted to the colour space of VP8.
  package borrowing func fill(from plane: VideoFrame.Plane, layout: PackedLayout) {
    let (source, stride) = (plane.base, Int32(plane.stride))
    let (y, u, v) = (luma.baseAddress!, self.u.baseAddress!, self.v.baseAddress!)
    let (yStride, cStride) = (Int32(lumaStride), Int32(chromaStride))
    let (w, h) = (Int32(width), Int32(height))
    let status =
      switch layout {
      case .yuyv: YUY2ToI420(source, stride, y, yStride, u, cStride, v, cStride, w, h)
      case .yvyu: YUY2ToI420(source, stride, y, yStride, v, cStride, u, cStride, w, h)
      case .uyvy: UYVYToI420(source, stride, y, yStride, u, cStride, v, cStride, w, h)
      case .vyuy: UYVYToI420(source, stride, y, yStride, v, cStride, u, cStride, w, h)
      // libyuv names these by the order in a little-endian word, and V4L2 by that in memory.
      case .rgb: RAWToI420(source, stride, y, yStride, u, cStride, v, cStride, w, h)
      case .bgr: RGB24ToI420(source, stride, y, yStride, u, cStride, v, cStride, w, h)
      case .rgbx: ABGRToI420(source, stride, y, yStride, u, cStride, v, cStride, w, h)
      case .bgrx: ARGBToI420(source, stride, y, yStride, u, cStride, v, cStride, w, h)
      case .xrgb: BGRAToI420(source, stride, y, yStride, u, cStride, v, cStride, w, h)
      case .xbgr: RGBAToI420(source, stride, y, yStride, u, cStride, v, cStride, w, h)
      case .rgb565: RGB565ToI420(source, stride, y, yStride, u, cStride, v, cStride, w, h)
      case .rgb555: ARGB1555ToI420(source, stride, y, yStride, u, cStride, v, cStride, w, h)
      case .rgb444: ARGB4444ToI420(source, stride, y, yStride, u, cStride, v, cStride, w, h)
      case .grey: I400ToI420(source, stride, y, yStride, u, cStride, v, cStride, w, h)
      case .deepGrey(let bits): fill(fromDeepGrey: plane, bits: bits)
      }
    precondition(status == 0, "libyuv refuses only missing planes and empty pictures")
  }

  private borrowing func fill(fromDeepGrey plane: VideoFrame.Plane, bits: Int) -> Int32 {
    u.update(repeating: 128)
    v.update(repeating: 128)
    plane.base.withMemoryRebound(to: UInt16.self, capacity: plane.stride / 2 * height) {
      Convert16To8Plane(
        $0, Int32(plane.stride / 2), luma.baseAddress!, Int32(lumaStride), Int32(1 << (24 - bits)), Int32(width),
        Int32(height))
    }
    return 0
  }

  /// Copies an I420 picture of the size of this buffer, whose rows and planes follow each other without a gap.
  package borrowing func fill(fromI420 source: UnsafePointer<UInt8>) {
    let chromaWidth = (width + 1) / 2
    let u = source + width * height
    let v = u + chromaWidth * ((height + 1) / 2)
    let status = I420Copy(
      source, Int32(width), u, Int32(chromaWidth), v, Int32(chromaWidth), luma.baseAddress, Int32(lumaStride),
      self.u.baseAddress, Int32(chromaStride), self.v.baseAddress, Int32(chromaStride), Int32(width), Int32(height))
    precondition(status == 0, "libyuv refuses only missing planes and empty pictures")
  }
}
