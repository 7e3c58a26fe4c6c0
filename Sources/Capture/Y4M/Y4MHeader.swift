import Video

/// The first line of a YUV4MPEG2 stream: yuv4mpeg(5) of the MJPEG tools, and what FFmpeg adds to it.
struct Y4MHeader: Equatable {
  static let magic = "YUV4MPEG2"
  /// The maximum length of a line, including the newline (Y4M_LINE_MAX of the MJPEG tools).
  static let longestLine = 256

  private(set) var width = 0
  private(set) var height = 0
  private(set) var frameRate = FrameRate(claimed: 0, per: 0)
  private(set) var range = ColourSpace.Range.limited
  /// Whether pictures are stored as they are sent except for size and range: 8 bit 4:2:0, progressive, with square
  /// samples. FFmpeg reads all other streams.
  private(set) var isPlain = true

  /// The variants of 4:2:0 differ only in the position of chroma samples, which VP8 does not state either.
  private static let plainChroma = ["420", "420jpeg", "420mpeg2", "420paldv"]

  /// The number of bytes from one row of luma to the next, or `nil` without padding. The stride of chroma is half of it.
  private(set) var stride: Int?

  /// Makes a header for raw pictures, which have none.
  init(
    width: Int, height: Int, frameRate: FrameRate, range: ColourSpace.Range = .limited, stride: Int? = nil
  ) {
    self.width = width
    self.height = height
    self.frameRate = frameRate
    self.range = range
    self.stride = stride
  }

  /// - Parameter tags: the line without the magic and the newline.
  init(parsing tags: Substring) throws(Y4MError) {
    var chroma: Substring?
    var hasOldChroma = false
    for tag in tags.split(separator: " ") {
      let value = tag.dropFirst()
      switch tag.first {
      case "W": width = try Self.number(value, of: "W")
      case "H": height = try Self.number(value, of: "H")
      case "F":
        let rate = try Self.ratio(value, of: "F")
        frameRate = FrameRate(claimed: rate.numerator, per: rate.denominator)
      case "A":
        // 0:0 means unknown, which all programs treat as square.
        let aspect = try Self.ratio(value, of: "A")
        if aspect.numerator != aspect.denominator { isPlain = false }
      case "I":
        if value != "p", value != "?" { isPlain = false }
      case "C": chroma = value
      case "X":
        if value == "COLORRANGE=FULL" { range = .full }
        if value.hasPrefix("YSCSS=") { hasOldChroma = true }
      default: break
      }
    }
    guard width > 0, height > 0 else { throw .noSize }
    // Programs from before the C tag used X instead.
    if let chroma {
      isPlain = isPlain && Self.plainChroma.contains(String(chroma))
    } else if hasOldChroma {
      isPlain = false
    }
  }

  /// The number of bytes of a picture in the stream: its three planes, row by row.
  var pictureSize: Int { lumaStride * height + 2 * chromaStride * chromaHeight }
  var lumaStride: Int { stride ?? width }
  var chromaStride: Int { (lumaStride + 1) / 2 }
  var chromaWidth: Int { (width + 1) / 2 }
  var chromaHeight: Int { (height + 1) / 2 }

  private static func number(_ text: Substring, of tag: Character) throws(Y4MError) -> Int {
    guard text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains), let number = Int32(text) else {
      throw .malformedTag(tag)
    }
    return Int(number)
  }

  private static func ratio(
    _ text: Substring, of tag: Character
  ) throws(Y4MError) -> (numerator: Int32, denominator: Int32) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2 else { throw .malformedTag(tag) }
    return (Int32(try number(parts[0], of: tag)), Int32(try number(parts[1], of: tag)))
  }
}

extension Y4MHeader {
  /// - Returns: `nil` if `file` is not YUV4MPEG2.
  init?(of file: borrowing InputFile) throws(Y4MError) {
    for expected in Self.magic.utf8 {
      guard file.readByte() == expected else { return nil }
    }
    try self.init(behindMagicOf: file)
  }

  init(behindMagicOf file: borrowing InputFile) throws(Y4MError) {
    try self.init(parsing: Substring(decoding: Self.line(behindMagicOf: file), as: UTF8.self))
  }

  /// Reads the line byte by byte, so that nothing of the first picture is consumed.
  static func line(behindMagicOf file: borrowing InputFile) throws(Y4MError) -> [UInt8] {
    var line: [UInt8] = []
    while let byte = file.readByte() {
      if byte == UInt8(ascii: "\n") { return line }
      line.append(byte)
      guard Self.magic.utf8.count + line.count < Self.longestLine else { throw .headerTooLong }
    }
    throw .endsInHeader
  }
}
