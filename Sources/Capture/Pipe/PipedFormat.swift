/// What the first bytes of a pipe tell.
enum PipedFormat: Equatable {
  case y4m
  /// Something that FFmpeg decodes, such as what `rpicam-vid` writes where no codec is named.
  case coded
  case raw

  /// So many bytes are looked at.
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

  /// A packet with the beginning of a PAT or SDT, and nothing else (ISO/IEC 13818-1 section 2.4.3.2): two bytes alone may
  /// as well be two samples of luma.
  private static func isTransportStream(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: [0x47, 0x40]) && [0x00, 0x11].contains(bytes[2]) && bytes[3] & 0xf0 == 0x10
  }
}
