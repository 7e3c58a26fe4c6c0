/// A picture file, which FFmpeg treats as a film of one frame or does not know. `description` is the reason why it is not
/// played.
enum StillPicture: Equatable {
  case plain
  /// FFmpeg reads no more of these than the first picture.
  case animatedWebP
  /// HEIF (ISO/IEC 23008-12) and AVIF: a box structure as that of MP4.
  case heif

  /// Recognises picture formats without a demuxer in FFmpeg by the first bytes of the file; `nil` for all others.
  init?(path: String) {
    guard let file = try? InputFile(path: path) else { return nil }
    let isRead = withUnsafeTemporaryAllocation(byteCount: 21, alignment: 1) { bytes in
      file.read(into: bytes) ? Self(beginning: [UInt8](bytes)) : nil
    }
    guard let picture = isRead else { return nil }
    self = picture
  }

  private init?(beginning bytes: [UInt8]) {
    let kind = String(decoding: bytes[8..<12], as: UTF8.self)
    if bytes.starts(with: "RIFF".utf8), kind == "WEBP" {
      // WebP container specification: the chunk VP8X tells the features, of which bit 1 is animation.
      let isAnimated = bytes[12...].starts(with: "VP8X".utf8) && bytes[20] & 2 != 0
      self = isAnimated ? .animatedWebP : .plain
    } else if bytes[4...].starts(with: "ftyp".utf8), ["heic", "heix", "mif1", "avif"].contains(kind) {
      self = .heif
    } else {
      return nil
    }
  }
}

extension StillPicture: CustomStringConvertible {
  var description: String {
    switch self {
    case .plain: "it is a still picture"
    case .animatedWebP: "it is an animated WebP picture, which FFmpeg does not play; make a GIF or an MP4 of it"
    case .heif: "it is a still picture, HEIF or AVIF"
    }
  }
}
