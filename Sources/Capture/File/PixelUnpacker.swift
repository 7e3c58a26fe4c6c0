import CFFmpeg
import NIOCore
import Video

/// Provides a decoded frame as 8 bit 4:2:0: in place if it has that layout, otherwise converted by libswscale.
///
/// Of an interlaced frame one field is provided, with half the height. Transparent pictures are blended over black, and
/// HDR is mapped to the range of BT.709.
///
/// libswscale is the only library that knows all of FFmpeg's pixel formats. It converts the layout of samples only;
/// `PictureNormalizer` converts size, orientation and colour space in less time.
struct PixelUnpacker: ~Copyable {
  private let ffmpeg: FFmpeg
  private var context: OpaquePointer?
  private var scratch = PictureBuffer(width: 2, height: 2)
  /// Its first plane holds the alpha channel, if there is one.
  private var alpha = PictureBuffer(width: 2, height: 2)
  private var toneMap: ToneMap?

  init(ffmpeg: FFmpeg) {
    self.ffmpeg = ffmpeg
  }

  deinit {
    ffmpeg.sws_freeContext(context)
  }

  /// - Returns: `nil` if libswscale cannot convert the frame.
  mutating func withFrame<R>(
    _ frame: UnsafeMutablePointer<AVFrame>, captureTime: NIODeadline, _ body: (borrowing VideoFrame) throws -> R
  ) rethrows -> R? {
    let transfer = ToneMap.Transfer(of: frame)
    if transfer == nil, let lent = Self.lend(frame, captureTime) {
      return try body(lent)
    }
    guard let colourSpace = convert(frame) else { return nil }
    if let transfer {
      if toneMap?.transfer != transfer || toneMap?.range != colourSpace.range {
        toneMap = ToneMap(from: transfer, range: colourSpace.range)
      }
      toneMap?.apply(to: scratch)
    }
    return try scratch.withFrame(captureTime: captureTime, colourSpace: colourSpace, body)
  }

  /// The upper field of an interlaced frame is shown at full height: the lower one was taken at another time, and moving
  /// objects would show comb artefacts.
  private static func step(_ frame: UnsafeMutablePointer<AVFrame>) -> Int {
    cffmpeg_is_interlaced(frame) && frame.pointee.height > 1 ? 2 : 1
  }

  private static func height(_ frame: UnsafeMutablePointer<AVFrame>) -> Int {
    (Int(frame.pointee.height) + step(frame) - 1) / step(frame)
  }

  private static func lend(_ frame: UnsafeMutablePointer<AVFrame>, _ captureTime: NIODeadline) -> VideoFrame? {
    let step = step(frame)
    func plane(_ base: UnsafeMutablePointer<UInt8>?, _ stride: Int32) -> VideoFrame.Plane? {
      // Rows stored from the bottom up come with a negative stride, which not every reader of a plane takes.
      guard let base, stride > 0 else { return nil }
      return VideoFrame.Plane(base: base, stride: step * Int(stride))
    }
    let (data, stride) = (frame.pointee.data, frame.pointee.linesize)
    guard let luma = plane(data.0, stride.0) else { return nil }
    let chroma: VideoFrame.Chroma
    switch AVPixelFormat(frame.pointee.format) {
    case AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUVJ420P:
      guard let u = plane(data.1, stride.1), let v = plane(data.2, stride.2) else { return nil }
      chroma = .i420(u: u, v: v)
    case AV_PIX_FMT_NV12:
      guard let uv = plane(data.1, stride.1) else { return nil }
      chroma = .nv12(uv)
    default:
      return nil
    }
    return VideoFrame(
      width: Int(frame.pointee.width), height: height(frame), luma: luma, chroma: chroma,
      colourSpace: ColourSpace(of: frame), captureTime: captureTime)
  }

  /// Converts into `scratch`.
  ///
  /// - Returns: the colour space of the result.
  private mutating func convert(_ frame: UnsafeMutablePointer<AVFrame>) -> ColourSpace? {
    let (width, height) = (frame.pointee.width, Int32(Self.height(frame)))
    let format = AVPixelFormat(frame.pointee.format).withoutRange
    guard let description = ffmpeg.av_pix_fmt_desc_get(format) else { return nil }
    let isRGB = description.pointee.flags & UInt64(AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL) != 0
    let hasAlpha = description.pointee.flags & UInt64(AV_PIX_FMT_FLAG_ALPHA) != 0
    context = ffmpeg.sws_getCachedContext(
      context, width, height, format, width, height, hasAlpha ? AV_PIX_FMT_YUVA420P : AV_PIX_FMT_YUV420P,
      SWS_BILINEAR | SWS_ACCURATE_RND, nil, nil, nil)
    guard let context else { return nil }
    // RGB is converted to the colour space of VP8; other formats keep theirs.
    let colourSpace = isRGB ? ColourSpace.vp8 : ColourSpace(of: frame)
    let isFull: Int32 = colourSpace.range == .full ? 1 : 0
    let table = ffmpeg.sws_getCoefficients(SWS_CS_ITU601)
    _ = ffmpeg.sws_setColorspaceDetails(context, table, isRGB ? 1 : isFull, table, isFull, 0, 1 << 16, 1 << 16)
    scratch.resize(width: Int(width), height: Int(height))
    if hasAlpha { alpha.resize(width: Int(width), height: Int(height)) }
    let rows = cffmpeg_scale(
      ffmpeg.sws_scale, context, frame, Int32(Self.step(frame)), height, scratch.luma.baseAddress,
      Int32(scratch.lumaStride), scratch.u.baseAddress, scratch.v.baseAddress, Int32(scratch.chromaStride),
      hasAlpha ? alpha.luma.baseAddress : nil)
    guard rows == height else { return nil }
    if hasAlpha { scratch.putOverBlack(alpha.luma, range: colourSpace.range) }
    return colourSpace
  }
}

extension PictureBuffer {
  /// Blends a transparent picture over black.
  ///
  /// - Parameter alpha: one value for each sample of luma, with the same stride.
  fileprivate borrowing func putOverBlack(_ alpha: UnsafeMutableBufferPointer<UInt8>, range: ColourSpace.Range) {
    func mix(_ sample: UInt8, _ share: UInt8, _ black: Int) -> UInt8 {
      UInt8(clamping: black + ((Int(sample) - black) * Int(share) + 127) / 255)
    }
    let black = range == .full ? 0 : 16
    for y in 0..<height {
      for x in 0..<width {
        let index = y * lumaStride + x
        luma[index] = mix(luma[index], alpha[index], black)
      }
    }
    for y in 0..<(height + 1) / 2 {
      for x in 0..<(width + 1) / 2 {
        let (index, share) = (y * chromaStride + x, alpha[2 * y * lumaStride + 2 * x])
        u[index] = mix(u[index], share, 128)
        v[index] = mix(v[index], share, 128)
      }
    }
  }
}

extension ToneMap.Transfer {
  fileprivate init?(of frame: UnsafeMutablePointer<AVFrame>) {
    switch frame.pointee.color_trc {
    case AVCOL_TRC_SMPTE2084: self = .perceptualQuantizer
    case AVCOL_TRC_ARIB_STD_B67: self = .hybridLogGamma
    default: return nil
    }
  }
}

extension ColourSpace {
  /// The colour space that the file states. Without one, BT.601 with limited range is assumed, as FFmpeg's own tools do,
  /// and samples are sent unchanged.
  fileprivate init(of frame: UnsafeMutablePointer<AVFrame>) {
    let matrix: Matrix =
      switch frame.pointee.colorspace {
      case AVCOL_SPC_BT709: .bt709
      case AVCOL_SPC_SMPTE240M: .smpte240
      case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: .bt2020
      default: .bt601
      }
    let format = AVPixelFormat(frame.pointee.format)
    let isFull = frame.pointee.color_range == AVCOL_RANGE_JPEG || format != format.withoutRange
    self.init(matrix: matrix, range: isFull ? .full : .limited)
  }
}

extension AVPixelFormat {
  /// FFmpeg's older pixel formats that imply full range.
  fileprivate var withoutRange: AVPixelFormat {
    switch self {
    case AV_PIX_FMT_YUVJ411P: AV_PIX_FMT_YUV411P
    case AV_PIX_FMT_YUVJ420P: AV_PIX_FMT_YUV420P
    case AV_PIX_FMT_YUVJ422P: AV_PIX_FMT_YUV422P
    case AV_PIX_FMT_YUVJ440P: AV_PIX_FMT_YUV440P
    case AV_PIX_FMT_YUVJ444P: AV_PIX_FMT_YUV444P
    default: self
    }
  }
}
