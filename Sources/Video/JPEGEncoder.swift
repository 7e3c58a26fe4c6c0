import CJPEG
import Glibc
import NIOCore

/// Encodes a picture that users can store (ITU-T T.81; JFIF), by libjpeg-turbo.
///
/// An encoder is made for each picture, because pictures are rare and its memory is as large as the picture.
package struct JPEGEncoder: ~Copyable {
  /// At a higher quality the size of a picture grows fast, without a visible difference.
  private static let quality: Int32 = 90

  private let encoder: UnsafeMutablePointer<cjpeg_encoder>

  package init() {
    encoder = .allocate(capacity: 1)
    encoder.initialize(to: cjpeg_encoder())
    cjpeg_create_encoder(encoder)
  }

  deinit {
    jpeg_destroy_compress(&encoder.pointee.info)
    encoder.deallocate()
  }

  /// Encodes the frame in 4:2:0, as it is, in the colours that JFIF assumes.
  package borrowing func encode(_ frame: borrowing VideoFrame) -> ByteBuffer {
    var planar = PictureBuffer(width: 1, height: 1)
    let picture = frame.unpacked(into: &planar)
    guard picture.colourSpace != .jpeg else { return compress(picture) }
    let coloured = PictureBuffer(width: frame.width, height: frame.height)
    ColourTransform(from: picture.colourSpace, to: .jpeg).apply(picture, to: coloured)
    return coloured.withFrame(captureTime: frame.captureTime, colourSpace: .jpeg) { compress($0) }
  }

  private borrowing func compress(_ picture: borrowing VideoFrame) -> ByteBuffer {
    var output: UnsafeMutablePointer<UInt8>?
    var size: UInt = 0
    jpeg_mem_dest(&encoder.pointee.info, &output, &size)
    defer { free(output) }
    begin(width: picture.width, height: picture.height)
    for row in 0..<picture.height { write(row, of: picture) }
    jpeg_finish_compress(&encoder.pointee.info)
    return ByteBuffer(bytes: UnsafeRawBufferPointer(start: output, count: Int(size)))
  }

  private borrowing func begin(width: Int, height: Int) {
    encoder.pointee.info.image_width = UInt32(width)
    encoder.pointee.info.image_height = UInt32(height)
    encoder.pointee.info.input_components = 3
    encoder.pointee.info.in_color_space = JCS_YCbCr
    jpeg_set_defaults(&encoder.pointee.info)
    jpeg_set_quality(&encoder.pointee.info, Self.quality, 1)
    jpeg_start_compress(&encoder.pointee.info, 1)
  }

  /// Writes a row as pixels, because libjpeg accepts planes only in whole blocks. Its mean of four equal chroma samples
  /// is their value.
  private borrowing func write(_ row: Int, of picture: borrowing VideoFrame) {
    let (u, v) = picture.planarChroma
    let luma = picture.luma.base + row * picture.luma.stride
    let blue = u.base + row / 2 * u.stride
    let red = v.base + row / 2 * v.stride
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 3 * picture.width) { pixels in
      for x in 0..<picture.width {
        pixels[3 * x] = luma[x]
        pixels[3 * x + 1] = blue[x / 2]
        pixels[3 * x + 2] = red[x / 2]
      }
      var line = pixels.baseAddress
      jpeg_write_scanlines(&encoder.pointee.info, &line, 1)
    }
  }
}
