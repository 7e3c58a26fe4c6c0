import CTurboJPEG
import CYUV

/// Decodes one picture of a Motion JPEG camera (ITU-T T.81; JFIF: full range BT.601) into 8 bit 4:2:0.
///
/// libjpeg-turbo, because it alone tells damage from what cameras do every day: libyuv, as fast, shows a damaged picture
/// without a word. Where a camera leaves the Huffman tables out, it takes those of T.81 annex K.3 by itself.
package struct JPEGDecoder: ~Copyable {
  /// Why a picture was not decoded.
  package enum Failure: Error, Equatable {
    /// Cut short, or damaged within.
    case corrupt
    /// Another size than was announced, or samples that no camera sends (CMYK).
    case unexpected
  }

  private let decoder: tjhandle
  /// Of the picture as it is stored, where chroma is not 4:2:0.
  private var chroma: UnsafeMutableBufferPointer<UInt8> = .init(start: nil, count: 0)

  package init() {
    guard let decoder = tjInitDecompress() else { preconditionFailure("out of memory") }
    self.decoder = decoder
  }

  deinit {
    tjDestroy(decoder)
    chroma.deallocate()
  }

  /// Decodes `jpeg` into `picture`, whose size it must have.
  package mutating func decode(
    _ jpeg: UnsafeRawBufferPointer, into picture: borrowing PictureBuffer
  ) throws(Failure) {
    guard let base = jpeg.baseAddress?.assumingMemoryBound(to: UInt8.self) else { throw .corrupt }
    let size = UInt(jpeg.count)
    var (width, height, subsampling, colours) = (Int32(0), Int32(0), Int32(-1), Int32(-1))
    guard tjDecompressHeader3(decoder, base, size, &width, &height, &subsampling, &colours) == 0 else {
      throw .corrupt
    }
    guard width == picture.width, height == picture.height else { throw .unexpected }
    let (u, v) = (picture.u.baseAddress!, picture.v.baseAddress!)
    let chromaStride = Int32(picture.chromaStride)
    guard subsampling != TJSAMP_420.rawValue else {
      return try decompress(base, size, picture, u, v, chromaStride)
    }
    guard let convert = Self.conversion(from: subsampling) else { throw .unexpected }
    // 4:2:2 has half the columns, 4:4:4 all of them; grey has no chroma, but libyuv wants something to point at.
    let columns = subsampling == TJSAMP_422.rawValue ? picture.chromaStride : picture.lumaStride
    let plane = columns * picture.height
    if chroma.count != 2 * plane {
      chroma.deallocate()
      chroma = .allocate(capacity: 2 * plane)
    }
    let (fullU, fullV) = (chroma.baseAddress!, chroma.baseAddress! + plane)
    try decompress(base, size, picture, fullU, fullV, Int32(columns))
    let luma = picture.luma.baseAddress!
    let lumaStride = Int32(picture.lumaStride)
    let status = convert(
      luma, lumaStride, fullU, Int32(columns), fullV, Int32(columns), luma, lumaStride, u, chromaStride, v,
      chromaStride, width, height)
    precondition(status == 0, "libyuv refuses only missing planes and empty pictures")
  }

  private func decompress(
    _ jpeg: UnsafePointer<UInt8>, _ size: UInt, _ picture: borrowing PictureBuffer, _ u: UnsafeMutablePointer<UInt8>,
    _ v: UnsafeMutablePointer<UInt8>, _ chromaStride: Int32
  ) throws(Failure) {
    let status = ctj_decompress_planes(
      decoder, jpeg, size, picture.luma.baseAddress!, Int32(picture.lumaStride), u, v, chromaStride,
      Int32(picture.width), Int32(picture.height))
    guard status != 0 else { return }
    guard tjGetErrorCode(decoder) == TJERR_WARNING.rawValue, isHarmless else { throw .corrupt }
  }

  /// Many cameras pad a picture before its end marker; libjpeg warns of that ("Corrupt JPEG data: N extraneous bytes
  /// before marker 0xd9") though every sample is right. It has no other way to tell its warnings apart than their text.
  private var isHarmless: Bool {
    guard let text = tjGetErrorStr2(decoder) else { return false }
    return String(cString: text).contains("extraneous bytes before marker 0xd9")
  }

  private typealias Conversion =
    @convention(c) (
      UnsafePointer<UInt8>?, Int32, UnsafePointer<UInt8>?, Int32, UnsafePointer<UInt8>?, Int32,
      UnsafeMutablePointer<UInt8>?, Int32, UnsafeMutablePointer<UInt8>?, Int32, UnsafeMutablePointer<UInt8>?, Int32,
      Int32, Int32
    ) -> Int32

  private static func conversion(from subsampling: Int32) -> Conversion? {
    switch UInt32(subsampling) {
    case TJSAMP_422.rawValue: I422ToI420
    case TJSAMP_444.rawValue: I444ToI420
    default: nil
    }
  }
}
