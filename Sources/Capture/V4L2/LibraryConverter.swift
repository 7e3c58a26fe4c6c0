import CV4L2
import Video

/// The conversion of rare formats to planar 4:2:0 by libv4lconvert.
struct LibraryConverter: ~Copyable {
  private let converter: OpaquePointer
  private var source = v4l2_format()
  private var target = v4l2_format()
  private let output: UnsafeMutableBufferPointer<UInt8>
  private let shortest: Int

  init(_ layout: FrameLayout, device: borrowing V4L2Device) {
    guard let converter = cv4l2_converter(device.descriptor) else { preconditionFailure("out of memory") }
    self.converter = converter
    let size = layout.storedSize
    shortest = max(1, layout.format.libraryLength(of: size))
    output = .allocate(capacity: size.width * size.height + 2 * ((size.width + 1) / 2) * ((size.height + 1) / 2))
    source = Self.format(size, layout.format, stride: layout.stride, bytes: 0)
    target = Self.format(size, "YU12", stride: size.width, bytes: output.count)
  }

  deinit {
    v4lconvert_destroy(converter)
    output.deallocate()
  }

  /// Converts a picture; returns why it cannot be converted, or nil.
  borrowing func convert(_ bytes: UnsafeRawBufferPointer, into picture: borrowing PictureBuffer) -> String? {
    guard bytes.count >= shortest else { return "\(bytes.count) bytes instead of \(shortest)" }
    var (from, to) = (source, target)
    from.fmt.pix.sizeimage = UInt32(bytes.count)
    let base = UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    let count = v4lconvert_convert(
      converter, &from, &to, base, Int32(bytes.count), output.baseAddress, Int32(output.count))
    guard count == Int32(output.count) else {
      let words = String(cString: v4lconvert_get_error_message(converter))
      return String(words.prefix { !$0.isNewline })
    }
    picture.fill(fromI420: UnsafePointer(output.baseAddress!))
    return nil
  }

  private static func format(_ size: PictureSize, _ pixels: PixelFormat, stride: Int, bytes: Int) -> v4l2_format {
    var format = v4l2_format()
    format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
    format.fmt.pix.width = UInt32(size.width)
    format.fmt.pix.height = UInt32(size.height)
    format.fmt.pix.pixelformat = pixels.code
    format.fmt.pix.bytesperline = UInt32(stride)
    format.fmt.pix.sizeimage = UInt32(bytes)
    return format
  }
}
