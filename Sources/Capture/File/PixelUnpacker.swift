import CFFmpeg
import NIOCore
import Video

/// Lends a decoded frame as 8 bit 4:2:0: where it lies if it is that already, else by way of libswscale.
///
/// Of an interlaced frame it lends one field, of half the height. What is transparent lies over black, and what is brighter
/// than BT.709 has a name for is made less so.
///
/// libswscale, because it alone knows all of FFmpeg's pixel formats. It changes the layout of samples only; size,
/// orientation and colour space are `PictureNormalizer`'s, which does them in less time.
struct PixelUnpacker: ~Copyable {
  private let ffmpeg: FFmpeg
  private var context: OpaquePointer?
  private var scratch = PictureBuffer(width: 2, height: 2)
  /// The first plane of it holds the alpha of a picture that has one.
  private var alpha = PictureBuffer(width: 2, height: 2)
  private var toneMap: ToneMap?

  init(ffmpeg: FFmpeg) {
    self.ffmpeg = ffmpeg
  }

  deinit {
    ffmpeg.sws_freeContext(context)
  }

  /// `nil` where libswscale has no way either.
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

  /// Of two fields the upper one is shown, stretched to the height of both: the other was taken at another time, and
  /// whatever moves would have the edge of a comb.
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

  /// Into `scratch`; answers the colour space that the samples have there.
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
    // RGB becomes what VP8 wants; the others keep the colour space that they have.
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
  /// Where a picture is transparent, black shows.
  ///
  /// - Parameter alpha: one for each sample of luma, in rows as long as those.
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
  /// What the file says of its samples. Where it says nothing it is taken as BT.601 limited, as FFmpeg's own tools do:
  /// the samples then go out as they came.
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
  /// FFmpeg's older formats that mean "full range" besides the layout.
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
