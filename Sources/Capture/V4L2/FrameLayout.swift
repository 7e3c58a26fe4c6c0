import CV4L2
import Video

/// The layout of a camera's pictures in memory, according to the answer to VIDIOC_S_FMT.
struct FrameLayout: Equatable, Sendable {
  let format: PixelFormat
  let way: PixelFormat.Way
  /// The size as shown, with the rows of both fields.
  let size: PictureSize
  /// The size in a buffer, which may contain a single field.
  let storedSize: PictureSize
  let fields: FieldOrder
  /// The number of memories of a buffer.
  let memoryCount: Int
  /// The bytes from one row of the first plane to the next.
  let stride: Int
  /// The positions of the samples that are shown; empty if only a decoder can tell.
  let planes: [PlanePlacement]
  let colourSpace: ColourSpace

  /// Reads the answer to VIDIOC_S_FMT; returns nil if it is impossible or the format cannot be converted.
  init?(_ answer: v4l2_format, isMultiPlanar: Bool) {
    let picture = isMultiPlanar ? Answer(answer.fmt.pix_mp) : Answer(answer.fmt.pix)
    let format = PixelFormat(code: picture.format)
    guard let way = format.way, picture.width > 0, picture.height > 0, (1...8).contains(picture.strides.count) else {
      return nil
    }
    let stored = PictureSize(width: Int(clamping: picture.width), height: Int(clamping: picture.height))
    let fields = FieldOrder(v4l2: picture.field)
    // "If field is one of V4L2_FIELD_TOP, _BOTTOM or _ALTERNATE then height refers to the number of lines in the field."
    let size = fields == .separate ? PictureSize(width: stored.width, height: 2 * stored.height) : stored
    guard DisplayGeometry.isPlayable(width: size.width, height: size.height) else { return nil }
    let shapes = way.planes(width: stored.width, height: stored.height)
    guard picture.strides.count == 1 || picture.strides.count >= shapes.count else { return nil }
    self.format = format
    self.way = way
    self.size = size
    self.storedSize = stored
    self.fields = fields
    memoryCount = picture.strides.count
    let whole = Self.place(shapes, strides: picture.strides.map { Int($0) })
    stride = whole.first?.stride ?? Int(picture.strides[0])
    planes = whole.map { $0.field(of: fields) }
    // libyuv uses an `int` for strides.
    guard planes.allSatisfy({ $0.stride <= Int(CInt.max) }) else { return nil }
    colourSpace =
      switch way {
      case .jpeg: .jpeg
      case .library, .video: .vp8
      case .packed(let layout) where layout.isRGB:
        // RGB is of full range unless the driver states otherwise; HDMI often has the limited range.
        v4l2_quantization(picture.quantization) == V4L2_QUANTIZATION_LIM_RANGE
          ? ColourSpace(matrix: .bt601, range: .limitedTwice) : .vp8
      case .packed(let layout) where layout.isGrey:
        // As v4l2-ctl and GStreamer take it: a sensor in black and white uses all levels.
        v4l2_quantization(picture.quantization) == V4L2_QUANTIZATION_LIM_RANGE ? .vp8 : .jpeg
      case .planar, .packed:
        ColourSpace(v4l2: picture.colours, encoding: picture.encoding, quantization: picture.quantization)
      }
  }

  /// Whether the receiver of the picture reads the driver's memory without a conversion.
  var isInPlace: Bool { if case .planar(let layout) = way { layout.isInPlace } else { false } }

  /// Computes the positions of the planes. Planes in one memory follow each other, with strides in proportion to their
  /// rows. If the driver leaves a stride at 0, there are no gaps between rows.
  private static func place(_ shapes: [PlaneShape], strides: [Int]) -> [PlanePlacement] {
    var planes: [PlanePlacement] = []
    var offset = 0
    for (index, shape) in shapes.enumerated() {
      let isAlone = strides.count > 1
      let told = isAlone ? strides[index] : strides[0] * shape.strideRatio.0 / shape.strideRatio.1
      let plane = PlanePlacement(
        memory: isAlone ? index : 0, offset: isAlone ? 0 : offset, stride: max(told, shape.rowLength),
        rowLength: shape.rowLength, rows: shape.rows)
      offset += plane.stride * plane.rows
      planes.append(plane)
    }
    return planes
  }

  /// The two structures of the answer (`v4l2_pix_format`, `v4l2_pix_format_mplane`).
  private struct Answer {
    let format, width, height, field, colours, encoding, quantization: UInt32
    /// The stride of each memory.
    let strides: [UInt32]

    init(_ picture: v4l2_pix_format) {
      (format, width, height) = (picture.pixelformat, picture.width, picture.height)
      (field, colours) = (picture.field, picture.colorspace)
      (encoding, quantization) = (picture.ycbcr_enc, picture.quantization)
      strides = [picture.bytesperline]
    }

    init(_ picture: v4l2_pix_format_mplane) {
      (format, width, height) = (picture.pixelformat, picture.width, picture.height)
      (field, colours) = (picture.field, picture.colorspace)
      (encoding, quantization) = (UInt32(picture.ycbcr_enc), UInt32(picture.quantization))
      strides = withUnsafeBytes(of: picture.plane_fmt) { planes in
        planes.bindMemory(to: v4l2_plane_pix_format.self).prefix(Int(picture.num_planes)).map(\.bytesperline)
      }
    }
  }
}

/// The dimensions of a plane without gaps.
private struct PlaneShape {
  let rowLength: Int
  let rows: Int
  /// The ratio of its stride to that of the first plane.
  let strideRatio: (Int, Int)
}

extension PixelFormat.Way {
  fileprivate func planes(width: Int, height: Int) -> [PlaneShape] {
    switch self {
    case .planar(let layout):
      let luma = PlaneShape(rowLength: width, rows: height, strideRatio: (1, 1))
      let samples = layout.isInterleaved ? 2 : 1
      let chroma = PlaneShape(
        rowLength: samples * layout.chromaWidth(of: width), rows: layout.chromaHeight(of: height),
        strideRatio: (samples, layout.columns))
      return [luma] + Array(repeating: chroma, count: layout.planeCount - 1)
    case .packed(let layout):
      return [PlaneShape(rowLength: layout.bytesPerRow(width: width), rows: height, strideRatio: (1, 1))]
    case .jpeg, .library, .video:
      return []
    }
  }
}

extension ColourSpace {
  /// Converts the values as V4L2_MAP_YCBCR_ENC_DEFAULT and V4L2_MAP_QUANTIZATION_DEFAULT of videodev2.h do for YCbCr.
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
