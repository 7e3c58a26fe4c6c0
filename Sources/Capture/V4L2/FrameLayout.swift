import CV4L2
import Video

/// How a camera's pictures lie in memory: what VIDIOC_S_FMT answered.
struct FrameLayout: Equatable, Sendable {
  let format: PixelFormat
  let way: PixelFormat.Way
  let size: CaptureSize
  /// Bytes from one row of the first plane to the next.
  let stride: Int
  let colourSpace: ColourSpace

  /// `nil` for what no picture can be, or what we have no way for.
  init?(_ answer: v4l2_format, isMultiPlanar: Bool) {
    let (code, width, height, bytesPerLine): (UInt32, UInt32, UInt32, UInt32)
    let (colours, encoding, quantization): (UInt32, UInt32, UInt32)
    if isMultiPlanar {
      let picture = answer.fmt.pix_mp
      (code, width, height) = (picture.pixelformat, picture.width, picture.height)
      bytesPerLine = picture.plane_fmt.0.bytesperline
      (colours, encoding, quantization) =
        (picture.colorspace, UInt32(picture.ycbcr_enc), UInt32(picture.quantization))
    } else {
      let picture = answer.fmt.pix
      (code, width, height, bytesPerLine) = (picture.pixelformat, picture.width, picture.height, picture.bytesperline)
      (colours, encoding, quantization) = (picture.colorspace, picture.ycbcr_enc, picture.quantization)
    }
    let format = PixelFormat(code: code)
    guard let way = format.way, width > 0, height > 0,
      DisplayGeometry.isPlayable(width: Int(clamping: width), height: Int(clamping: height))
    else { return nil }
    self.format = format
    self.way = way
    size = CaptureSize(width: Int(width), height: Int(height))
    // A driver that leaves it at 0 has rows without a gap.
    stride = max(Int(bytesPerLine), way.bytesPerRow(width: Int(width)))
    colourSpace =
      switch way {
      case .jpeg: ColourSpace(matrix: .bt601, range: .full)  // JFIF
      case .library: .vp8
      case .packed(let layout) where layout.becomesVP8Colours: .vp8
      default: ColourSpace(v4l2: colours, encoding: encoding, quantization: quantization)
      }
  }

  /// Bytes of a whole picture in one piece of memory; 0 where only the decoder can tell.
  var pictureSize: Int {
    switch way {
    case .inPlace: stride * size.height + 2 * ((size.height + 1) / 2) * chromaStride
    case .packed(let layout): layout.pictureSize(height: size.height, stride: stride)
    case .jpeg, .library: 0
    }
  }

  /// Whether the driver's memory is read by who gets the picture, and nothing is converted.
  var isInPlace: Bool { if case .inPlace = way { true } else { false } }

  /// Of U and of V each; NV12 has both in one row of twice that.
  var chromaStride: Int { stride / 2 }
}

extension PixelFormat.Way {
  fileprivate func bytesPerRow(width: Int) -> Int {
    switch self {
    case .inPlace: (width + 1) & ~1
    case .packed(let layout): layout.bytesPerRow(width: width)
    case .jpeg, .library: 0
    }
  }
}

extension ColourSpace {
  /// V4L2_MAP_YCBCR_ENC_DEFAULT and V4L2_MAP_QUANTIZATION_DEFAULT of videodev2.h, for YCbCr.
  fileprivate init(v4l2 colours: UInt32, encoding: UInt32, quantization: UInt32) {
    let matrix: Matrix =
      switch v4l2_ycbcr_encoding(encoding) {
      case V4L2_YCBCR_ENC_709, V4L2_YCBCR_ENC_XV709: .bt709
      case V4L2_YCBCR_ENC_BT2020, V4L2_YCBCR_ENC_BT2020_CONST_LUM: .bt2020
      case V4L2_YCBCR_ENC_SMPTE240M: .smpte240
      case V4L2_YCBCR_ENC_DEFAULT:
        switch v4l2_colorspace(colours) {
        case V4L2_COLORSPACE_REC709, V4L2_COLORSPACE_DCI_P3: .bt709
        case V4L2_COLORSPACE_BT2020: .bt2020
        case V4L2_COLORSPACE_SMPTE240M: .smpte240
        default: .bt601
        }
      default: .bt601
      }
    let isFull =
      switch v4l2_quantization(quantization) {
      case V4L2_QUANTIZATION_FULL_RANGE: true
      case V4L2_QUANTIZATION_LIM_RANGE: false
      default: v4l2_colorspace(colours) == V4L2_COLORSPACE_JPEG
      }
    self.init(matrix: matrix, range: isFull ? .full : .limited)
  }
}
