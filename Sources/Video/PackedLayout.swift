import CYUV

/// How cameras lay out samples that are not planar 4:2:0 already, as far as libyuv turns them into it.
package enum PackedLayout: Sendable {
  /// Y0 U Y1 V.
  case yuyv
  /// Y0 V Y1 U.
  case yvyu
  /// U Y0 V Y1.
  case uyvy
  /// A plane of luma, and one in which V and U take turns.
  case nv21
  /// Red, green, blue: a byte each.
  case rgb
  /// Blue, green, red.
  case bgr
  /// Luma alone.
  case grey

  /// What a row of `width` pixels takes at least.
  package func bytesPerRow(width: Int) -> Int {
    switch self {
    case .yuyv, .yvyu, .uyvy: (width + 1) / 2 * 4
    case .nv21, .grey: width
    case .rgb, .bgr: 3 * width
    }
  }

  /// What a picture takes whose rows are `stride` bytes apart.
  package func pictureSize(height: Int, stride: Int) -> Int {
    self == .nv21 ? stride * (height + (height + 1) / 2) : stride * height
  }

  /// Whether the colours that come out are VP8's, whatever the camera says of its own.
  package var becomesVP8Colours: Bool { self == .rgb || self == .bgr }
}

extension PictureBuffer {
  /// Unpacks a picture of this one's size. `source` has at least `layout.pictureSize(height:stride:)` bytes.
  package borrowing func fill(from source: UnsafePointer<UInt8>, layout: PackedLayout, stride: Int) {
    let (y, u, v) = (luma.baseAddress!, self.u.baseAddress!, self.v.baseAddress!)
    let (yStride, cStride, stride32) = (Int32(lumaStride), Int32(chromaStride), Int32(stride))
    let (w, h) = (Int32(width), Int32(height))
    let status =
      switch layout {
      case .yuyv: YUY2ToI420(source, stride32, y, yStride, u, cStride, v, cStride, w, h)
      case .yvyu: YUY2ToI420(source, stride32, y, yStride, v, cStride, u, cStride, w, h)
      case .uyvy: UYVYToI420(source, stride32, y, yStride, u, cStride, v, cStride, w, h)
      case .nv21:
        NV21ToI420(
          source, stride32, source + stride * height, stride32, y, yStride, u, cStride, v, cStride, w, h)
      // libyuv names them by the order in a little-endian word, V4L2 by that in memory.
      case .rgb: RAWToI420(source, stride32, y, yStride, u, cStride, v, cStride, w, h)
      case .bgr: RGB24ToI420(source, stride32, y, yStride, u, cStride, v, cStride, w, h)
      case .grey: I400ToI420(source, stride32, y, yStride, u, cStride, v, cStride, w, h)
      }
    precondition(status == 0, "libyuv refuses only missing planes and empty pictures")
  }
}

extension PictureBuffer {
  /// Copies a picture of this one's size whose rows and planes follow each other without a gap.
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
