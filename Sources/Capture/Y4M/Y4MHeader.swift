import Video

/// The first line of a YUV4MPEG2 stream: yuv4mpeg(5) of the MJPEG tools, and what FFmpeg adds to it.
struct Y4MHeader: Equatable {
  static let magic = "YUV4MPEG2"
  /// Y4M_LINE_MAX of the MJPEG tools, the newline included; it holds for the lines before the pictures, too.
  static let longestLine = 256

  private(set) var width = 0
  private(set) var height = 0
  private(set) var frameRate = FrameRate(claimed: 0, per: 0)
  private(set) var range = ColourSpace.Range.limited
  /// Whether pictures are stored as they are sent but for size and range: 8 bit 4:2:0, progressive, of square samples.
  /// All else is FFmpeg's to read.
  private(set) var isPlain = true

  /// Where the samples of chroma lie is all that these differ in. VP8 does not tell it either.
  private static let plainChroma = ["420", "420jpeg", "420mpeg2", "420paldv"]

  /// Bytes from one row of luma to the next; `nil` where nothing is between. Chroma has half of it.
  private(set) var stride: Int?

  /// What raw pictures would have as their header.
  init(width: Int, height: Int, frameRate: FrameRate, stride: Int? = nil) {
    self.width = width
    self.height = height
    self.frameRate = frameRate
    self.stride = stride
  }

  /// - `tags`: the line without the magic and the newline.
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
        // 0:0 is "unknown", which everybody takes as square.
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
    // Programs older than the C tag said X instead.
    if let chroma {
      isPlain = isPlain && Self.plainChroma.contains(String(chroma))
    } else if hasOldChroma {
      isPlain = false
    }
  }

  /// What a picture takes in the stream: its three planes, row after row.
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
  /// `nil` where `file` is something else.
  init?(of file: borrowing InputFile) throws(Y4MError) {
    for expected in Self.magic.utf8 {
      guard file.readByte() == expected else { return nil }
    }
    try self.init(behindMagicOf: file)
  }

  init(behindMagicOf file: borrowing InputFile) throws(Y4MError) {
    try self.init(parsing: Substring(decoding: Self.line(behindMagicOf: file), as: UTF8.self))
  }

  /// Reads the line byte by byte: what follows is not to be touched before its place is known.
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
