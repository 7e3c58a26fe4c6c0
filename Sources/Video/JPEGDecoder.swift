import CJPEG

/// Decodes a picture of a Motion JPEG camera (ITU-T T.81) to 8-bit 4:2:0 in the colours of JFIF.
///
/// It uses the libjpeg API of libjpeg-turbo, which alone can tell common deviations of cameras from damage: TurboJPEG
/// keeps only the first warning, and libyuv, which is as fast, returns damaged pictures without an error. If a camera
/// omits the Huffman tables, libjpeg uses those of T.81 annex K.3.
package struct JPEGDecoder: ~Copyable {
  /// Why a picture was not decoded, in the words of libjpeg if it has any.
  package struct Failure: Error, Equatable {
    package let reason: String
  }

  /// The largest picture in luma samples. Memory is allocated according to the header, which may be wrong.
  private let largestArea: Int
  /// The decompressor, which is made anew for each picture, so that the tables of a damaged one do not affect the next.
  let decoder: UnsafeMutablePointer<cjpeg_decoder>
  /// Scratch space for components whose size is not the one that 4:2:0 gives them.
  var scratch: UnsafeMutableBufferPointer<UInt8> = .init(start: nil, count: 0)

  /// The most scans in a picture; files made for slow networks have up to a dozen.
  private static let mostScans: Int32 = 64
  /// The most pictures in one buffer that are tried until one is complete.
  private static let mostBeginnings = 4

  /// - Parameter largestArea: the largest picture to decode, in luma samples.
  package init(largestArea: Int) {
    self.largestArea = largestArea
    decoder = .allocate(capacity: 1)
  }

  deinit {
    decoder.deallocate()
    scratch.deallocate()
  }

  /// Decodes the first complete picture in `jpeg` into `picture`, which is resized to it.
  ///
  /// Other bytes may precede it, such as the beginning of an incomplete picture.
  ///
  /// - Throws: `Failure`, the reason for the last picture that was tried.
  package mutating func decode(
    _ jpeg: UnsafeRawBufferPointer, into picture: inout PictureBuffer
  ) throws(Failure) {
    var failure = Failure(reason: "no JPEG picture begins in \(jpeg.count) bytes")
    var next = Self.startOfImage(in: jpeg, from: 0)
    for _ in 0..<Self.mostBeginnings {
      guard let start = next else { break }
      decoder.initialize(to: cjpeg_decoder())
      defer { cjpeg_destroy(decoder) }
      do throws(Failure) {
        return try decodePicture(UnsafeRawBufferPointer(rebasing: jpeg[start...]), into: &picture)
      } catch {
        failure = error
        next = Self.startOfImage(in: jpeg, from: start + 2)
      }
    }
    throw failure
  }

  private mutating func decodePicture(
    _ jpeg: UnsafeRawBufferPointer, into picture: inout PictureBuffer
  ) throws(Failure) {
    decoder.pointee.is_damage = { JPEGDecoder.isDamage($0) }
    decoder.pointee.most_scans = Self.mostScans
    decoder.pointee.size = jpeg.count
    guard cjpeg_read_header(decoder, jpeg.baseAddress!.assumingMemoryBound(to: UInt8.self), jpeg.count) else {
      throw lastFailure
    }
    let (width, height) = (Int(decoder.pointee.info.image_width), Int(decoder.pointee.info.image_height))
    guard width * height <= largestArea else { throw Failure(reason: "pictures of \(width)x\(height) are too large") }
    picture.resize(width: width, height: height)
    switch decoder.pointee.info.jpeg_color_space {
    case JCS_GRAYSCALE, JCS_YCbCr: try readComponents(into: picture)
    case JCS_RGB: try readPixels(as: JCS_RGB, into: picture)
    case JCS_CMYK, JCS_YCCK: try readPixels(as: JCS_CMYK, into: picture)
    default: throw Failure(reason: "\(decoder.pointee.info.num_components) colours of an unknown kind")
    }
    try requireAllScans()
    let isPadded = hasReadPadding(of: jpeg)
    // Every sample has been read. The rest is read only to count the bytes left over.
    guard cjpeg_finish(decoder) || !Self.hasTooManyStrayBytes(decoder) else { throw lastFailure }
    guard !isPadded || !decoder.pointee.has_no_end else { throw Failure(reason: "the end of the picture is missing") }
  }

  /// Checks that no scan is missing: libjpeg warns of a scan that ends early, but not of one that is missing.
  private func requireAllScans() throws(Failure) {
    let components = Int(decoder.pointee.info.num_components)
    for index in 0..<components {
      // "NULL if none yet saved": no scan contained the component.
      guard decoder.pointee.info.comp_info[index].quant_table != nil else { throw Failure(reason: "scans are missing") }
    }
    // `coef_bits` holds the lowest bit received of each coefficient. A picture that ends properly may omit some.
    guard decoder.pointee.has_no_end, let bits = decoder.pointee.info.coef_bits else { return }
    for index in 0..<components {
      let isComplete = withUnsafeBytes(of: bits[index]) { $0.allSatisfy { $0 == 0 } }
      guard isComplete else { throw Failure(reason: "scans are missing") }
    }
  }

  /// Whether the last bytes read as samples begin a long run of the same value. Drivers fill their buffers with such
  /// padding, and some values are valid codes.
  private func hasReadPadding(of jpeg: UnsafeRawBufferPointer) -> Bool {
    // libjpeg reads up to eight bytes ahead.
    let end = jpeg.count - (decoder.pointee.info.src?.pointee.bytes_in_buffer ?? 0)
    guard end >= 16, end + 8 <= jpeg.count else { return false }
    return jpeg[end - 16..<end + 8].allSatisfy { $0 == jpeg[end] }
  }

  // MARK: Beginnings of pictures

  /// Finds a start of image (T.81 table B.1), preferably one followed by a marker.
  ///
  /// Application data is skipped, since an EXIF segment may contain a thumbnail.
  private static func startOfImage(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    var first: Int?
    var index = start
    while index + 3 < bytes.count {
      guard bytes[index] == 0xff else {
        index += 1
        continue
      }
      switch bytes[index + 1] {
      case 0xd8:
        if bytes[index + 2] == 0xff { return index }
        first = first ?? index
        index += 2
      case 0xe0...0xef where start > 0: index += 2 + Int(bytes[index + 2]) << 8 + Int(bytes[index + 3])
      default: index += 1
      }
    }
    return first
  }

  // MARK: Failures

  var lastFailure: Failure {
    guard decoder.pointee.info.input_scan_number <= Self.mostScans else {
      return Failure(reason: "more than \(Self.mostScans) scans")
    }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(JMSG_LENGTH_MAX)) { text in
      cjpeg_describe(decoder, text.baseAddress!)
      return Failure(reason: String(cString: text.baseAddress!))
    }
  }

  /// Whether a warning of libjpeg means that samples are missing or wrong. The other warnings concern what cameras
  /// commonly do: bytes before a marker, a missing end of image, and versions and parameters without effect.
  private static func isDamage(_ decoder: UnsafeMutablePointer<cjpeg_decoder>) -> Bool {
    switch J_MESSAGE_CODE(rawValue: UInt32(decoder.pointee.errors.msg_code)) {
    case JWRN_HIT_MARKER, JWRN_HUFF_BAD_CODE, JWRN_ARITH_BAD_CODE, JWRN_MUST_RESYNC, JWRN_BOGUS_PROGRESSION:
      return true
    case JWRN_EXTRANEOUS_DATA:
      let (count, marker) = (Int(decoder.pointee.errors.msg_parm.i.0), decoder.pointee.errors.msg_parm.i.1)
      let isBehindSamples = (0xd0...0xd9).contains(marker)
      if isBehindSamples, !isFill(decoder, count) { decoder.pointee.stray_bytes += count }
      return hasTooManyStrayBytes(decoder)
    case JWRN_JPEG_EOF:
      decoder.pointee.has_no_end = true
      return false
    default:
      return false
    }
  }

  /// Whether there are too many bytes between samples and markers. A camera's stray bytes make up a hundredth of a
  /// picture. If there are many, a damaged code has replaced the samples that they encode.
  private static func hasTooManyStrayBytes(_ decoder: UnsafeMutablePointer<cjpeg_decoder>) -> Bool {
    decoder.pointee.stray_bytes > decoder.pointee.size / 8
  }

  /// Whether the bytes before the last marker are all equal, and thus padding, of which there may be much.
  private static func isFill(_ decoder: UnsafeMutablePointer<cjpeg_decoder>, _ count: Int) -> Bool {
    // At the end of the buffer libjpeg inserts an end of image.
    guard !decoder.pointee.has_no_end else { return false }
    // libjpeg reads up to eight bytes ahead, which it counts, and is up to two bytes behind the marker.
    guard count > 16, let source = decoder.pointee.info.src, let next = source.pointee.next_input_byte else {
      return false
    }
    let bytes = UnsafeBufferPointer(start: next - (count - 8), count: count - 10)
    return bytes.allSatisfy { $0 == bytes[0] }
  }
}
