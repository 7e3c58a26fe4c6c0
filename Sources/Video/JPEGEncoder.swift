import CTurboJPEG
import NIOCore

/// Encodes one picture for people to keep (ITU-T T.81; JFIF), by libjpeg-turbo.
///
/// Made for each picture: they are rare, and what it needs is as large as the picture.
package struct JPEGEncoder: ~Copyable {
  /// Beyond it a picture of a camera grows fast, and nobody sees a difference.
  private static let quality: Int32 = 90

  private let encoder: tjhandle

  package init() {
    guard let encoder = tjInitCompress() else { preconditionFailure("out of memory") }
    self.encoder = encoder
  }

  deinit {
    tjDestroy(encoder)
  }

  /// 4:2:0 as the frame is, with the colours that JFIF assumes.
  package borrowing func encode(_ frame: borrowing VideoFrame) -> ByteBuffer {
    // Of odd sides libjpeg-turbo reads one more.
    precondition(frame.width.isMultiple(of: 2) && frame.height.isMultiple(of: 2), "as all sources have them")
    var planar = PictureBuffer(width: 1, height: 1)
    let picture = frame.unpacked(into: &planar)
    guard picture.colourSpace != .jpeg else { return compress(picture) }
    let coloured = PictureBuffer(width: frame.width, height: frame.height)
    ColourTransform(from: picture.colourSpace, to: .jpeg).apply(picture, to: coloured)
    return coloured.withFrame(captureTime: frame.captureTime, colourSpace: .jpeg) { compress($0) }
  }

  private borrowing func compress(_ picture: borrowing VideoFrame) -> ByteBuffer {
    let (luma, (u, v)) = (picture.luma, picture.planarChroma)
    var output: UnsafeMutablePointer<UInt8>?
    var size: UInt = 0
    let status = ctj_compress_planes(
      encoder, luma.base, Int32(luma.stride), u.base, Int32(u.stride), v.base, Int32(v.stride), Int32(picture.width),
      Int32(picture.height), &output, &size, Self.quality)
    defer { tjFree(output) }
    precondition(
      status == 0, "libjpeg-turbo refuses only sizes that no source has, and needs no more memory than these")
    return ByteBuffer(bytes: UnsafeRawBufferPointer(start: output, count: Int(size)))
  }
}
