import CJPEG

/// Decodes one picture of a Motion JPEG camera (ITU-T T.81) into 8 bit 4:2:0 in the colours of JFIF.
///
/// The libjpeg API of libjpeg-turbo, because it alone tells what cameras do every day from damage: TurboJPEG keeps the
/// first warning only, and libyuv, as fast, shows a damaged picture without a word. Where a camera leaves the Huffman
/// tables out, libjpeg takes those of T.81 annex K.3 by itself.
package struct JPEGDecoder: ~Copyable {
  /// Why a picture was not decoded, in libjpeg's words where it has some.
  package struct Failure: Error, Equatable {
    package let reason: String
  }

  /// In samples of luma: memory is allocated by what a header says, and a header may lie.
  private let largestArea: Int
  /// Each picture has a decompressor of its own, so that tables of a damaged one do not reach the next.
  let decoder: UnsafeMutablePointer<cjpeg_decoder>
  /// Scratch space for components whose size is not the one that 4:2:0 gives them.
  var scratch: UnsafeMutableBufferPointer<UInt8> = .init(start: nil, count: 0)

  /// Files made for slow networks have up to a dozen.
  private static let mostScans: Int32 = 64
  /// How many pictures may begin in one buffer until one is whole.
  private static let mostBeginnings = 4

  package init(largestArea: Int) {
    self.largestArea = largestArea
    decoder = .allocate(capacity: 1)
  }

  deinit {
    decoder.deallocate()
    scratch.deallocate()
  }

  /// Decodes the first whole picture in `jpeg` into `picture`, which takes on its size.
  ///
  /// Anything may stand before it, be it the beginning of a picture that was given up.
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
    // Every sample is there now. What follows is read for the bytes that were left over.
    guard cjpeg_finish(decoder) || !Self.hasTooManyStrayBytes(decoder) else { throw lastFailure }
    guard !isPadded || !decoder.pointee.has_no_end else { throw Failure(reason: "the end of the picture is missing") }
  }

  /// libjpeg warns of a scan that ends early, and not of one that never came.
  private func requireAllScans() throws(Failure) {
    let components = Int(decoder.pointee.info.num_components)
    for index in 0..<components {
      // "NULL if none yet saved": no scan had the component.
      guard decoder.pointee.info.comp_info[index].quant_table != nil else { throw Failure(reason: "scans are missing") }
    }
    // For each coefficient the lowest bit that has come. Who ends a picture in order may leave some out.
    guard decoder.pointee.has_no_end, let bits = decoder.pointee.info.coef_bits else { return }
    for index in 0..<components {
      let isComplete = withUnsafeBytes(of: bits[index]) { $0.allSatisfy { $0 == 0 } }
      guard isComplete else { throw Failure(reason: "scans are missing") }
    }
  }

  /// Whether the last bytes that were taken for samples are the first of a long run of one value: what a driver fills its
  /// buffer with, of which some values are codes that say little.
  private func hasReadPadding(of jpeg: UnsafeRawBufferPointer) -> Bool {
    // libjpeg has read on by up to eight bytes.
    let end = jpeg.count - (decoder.pointee.info.src?.pointee.bytes_in_buffer ?? 0)
    guard end >= 16, end + 8 <= jpeg.count else { return false }
    return jpeg[end - 16..<end + 8].allSatisfy { $0 == jpeg[end] }
  }

  // MARK: Where pictures begin

  /// Start of image (T.81 table B.1) with a marker behind it, or else without one.
  ///
  /// Application data is passed over: an EXIF segment may hold a small picture.
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

  // MARK: What went wrong

  var lastFailure: Failure {
    guard decoder.pointee.info.input_scan_number <= Self.mostScans else {
      return Failure(reason: "more than \(Self.mostScans) scans")
    }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(JMSG_LENGTH_MAX)) { text in
      cjpeg_describe(decoder, text.baseAddress!)
      return Failure(reason: String(cString: text.baseAddress!))
    }
  }

  /// Whether samples are missing or wrong. What else libjpeg warns of, cameras do every day: bytes before a marker, no
  /// end of image, versions and parameters of no consequence.
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

  /// A camera's stray bytes are a hundredth of the picture. Where many are left over, a damaged code took the place of
  /// the samples that they stand for.
  private static func hasTooManyStrayBytes(_ decoder: UnsafeMutablePointer<cjpeg_decoder>) -> Bool {
    decoder.pointee.stray_bytes > decoder.pointee.size / 8
  }

  /// Whether the bytes before the marker that was just found are all the same: padding, of which there may be much.
  private static func isFill(_ decoder: UnsafeMutablePointer<cjpeg_decoder>, _ count: Int) -> Bool {
    // Behind the end of the buffer libjpeg reads an end of image that is not there.
    guard !decoder.pointee.has_no_end else { return false }
    // libjpeg has read on by up to eight bytes, which it counts, and is up to two bytes behind the marker.
    guard count > 16, let source = decoder.pointee.info.src, let next = source.pointee.next_input_byte else {
      return false
    }
    let bytes = UnsafeBufferPointer(start: next - (count - 8), count: count - 10)
    return bytes.allSatisfy { $0 == bytes[0] }
  }
}
