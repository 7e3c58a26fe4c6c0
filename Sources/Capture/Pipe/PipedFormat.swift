/// The kind of video in a pipe, detected from its first bytes.
enum PipedFormat: Equatable {
  case y4m
  /// Coded video that FFmpeg decodes, such as the H.264 that `rpicam-vid` writes by default.
  case coded
  case raw

  /// The number of bytes that are examined.
  static let length = Y4MHeader.magic.utf8.count

  init(beginning: [UInt8]) {
    if beginning.elementsEqual(Y4MHeader.magic.utf8) {
      self = .y4m
    } else {
      self = Self.isCoded(beginning) ? .coded : .raw
    }
  }

  private static func isCoded(_ bytes: [UInt8]) -> Bool {
    // JPEG (T.81 table B.1): start of image and another marker.
    if bytes.starts(with: [0xff, 0xd8, 0xff]) { return true }
    // MPEG start codes: H.264 and H.265 (annex B of either) with three or four bytes, MPEG-1 and -2.
    let zeros = bytes.prefix { $0 == 0 }.count
    if (2...3).contains(zeros), bytes[zeros] == 1 { return true }
    // Matroska and WebM, ISO media files …
    return bytes.starts(with: [0x1a, 0x45, 0xdf, 0xa3]) || isTransportStream(bytes)
      || bytes[4...].starts(with: "ftyp".utf8) || bytes.starts(with: "FLV\u{1}".utf8)
      || bytes.starts(with: "RIFF".utf8) || bytes.starts(with: "GIF8".utf8)
  }

  /// Whether a packet begins a PAT or an SDT (ISO/IEC 13818-1 section 2.4.3.2). The first two bytes alone could be samples
  /// of a raw picture.
  private static func isTransportStream(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: [0x47, 0x40]) && [0x00, 0x11].contains(bytes[2]) && bytes[3] & 0xf0 == 0x10
  }
}
