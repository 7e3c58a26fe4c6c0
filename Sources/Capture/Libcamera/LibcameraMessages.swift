import Glibc
import Video

/// What `rpicam-vid` writes to standard error: how its pictures are laid out, and why it fails.
struct LibcameraMessages {
  /// What it says if there is no camera.
  static let noCamera = "no cameras available"

  /// The size that the camera was set to.
  private(set) var size: PictureSize?
  /// The number of bytes of a picture.
  private(set) var pictureLength: Int?

  private var line: [UInt8] = []
  private var lastLine: [UInt8] = []
  private var lastError: [UInt8] = []

  /// The rest of a longer line is ignored.
  private static let longestLine = 512
  private static let longestReason = 200
  private static let output = Array("FileOutput: output buffer ".utf8)

  init() {
    line.reserveCapacity(Self.longestLine)
    lastLine.reserveCapacity(Self.longestLine)
  }

  /// Reads what is there, without waiting.
  ///
  /// - Returns: false at the end.
  mutating func read(from descriptor: Int32) -> Bool {
    withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 1) { buffer in
      while true {
        let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return count < 0 && errno == EAGAIN }
        take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      }
    }
  }

  mutating func take(_ bytes: some Sequence<UInt8>) {
    for byte in bytes {
      if byte == UInt8(ascii: "\n") {
        endLine()
      } else if line.count < Self.longestLine {
        line.append(byte)
      }
    }
  }

  /// Forgets errors, since there is a picture.
  mutating func sawPicture() { lastError.removeAll(keepingCapacity: true) }

  /// Why the program ended: its last line that tells an error, or else its last line.
  var reason: String? { error ?? Self.text(of: line.isEmpty ? lastLine : line) }

  /// The last line that tells an error, if no picture came after it.
  var error: String? { Self.text(of: lastError) }

  private static func text(of bytes: [UInt8]) -> String? {
    var words = Substring(decoding: bytes, as: UTF8.self)
    // libcamera's lines begin with the time and the thread in brackets.
    while words.hasPrefix("["), let end = words.firstIndex(of: "]") {
      words = words[words.index(after: end)...].drop { $0 == " " }
    }
    words = words.drop { $0 == " " }
    for beginning in ["ERROR: ", "what():  "] where words.hasPrefix(beginning) {
      words = words.dropFirst(beginning.count)
    }
    if words.hasPrefix("*** "), words.hasSuffix(" ***") { words = words.dropFirst(4).dropLast(4) }
    let isShown = { (scalar: Unicode.Scalar) in scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value) }
    let text = String(String.UnicodeScalarView(words.unicodeScalars.filter(isShown).prefix(Self.longestReason)))
    return text.isEmpty ? nil : text
  }

  private mutating func endLine() {
    defer { line.removeAll(keepingCapacity: true) }
    guard !line.isEmpty else { return }
    if line.starts(with: Self.output) {
      // Of each picture: only the first counts, since the size stays.
      if pictureLength == nil { pictureLength = Self.length(in: line) }
      return
    }
    if size == nil { size = Self.size(in: line) }
    swap(&line, &lastLine)
    if Self.isError(lastLine) { lastError = lastLine }
  }

  private static let errorWords = ["ERROR", "FATAL", "what():"].map { Array($0.utf8) }

  private static func isError(_ line: [UInt8]) -> Bool {
    errorWords.contains { word in line.indices.contains { line[$0...].starts(with: word) } }
  }

  /// `FileOutput: output buffer 0x7f9c00000000 size 460800`
  private static func length(in line: [UInt8]) -> Int? {
    let words = Substring(decoding: line, as: UTF8.self).split(separator: " ")
    guard words.count >= 2, words[words.count - 2] == "size" else { return nil }
    return Int(words[words.count - 1])
  }

  /// `[0:14:25.198211593] [2044]  INFO Camera camera.cpp:1202 configuring streams: (0) 640x480-YUV420/sYCC (1) …`, and not
  /// what it configures before to learn the sensor's modes, which it also says if LIBCAMERA_LOG_LEVELS is set.
  private static func size(in line: [UInt8]) -> PictureSize? {
    let words = Substring(decoding: line, as: UTF8.self).split(separator: " ")
    guard let streams = words.firstIndex(of: "streams:"), words.count > streams + 2, words[streams + 1] == "(0)"
    else { return nil }
    let parts = words[streams + 2].split(separator: "-", maxSplits: 1)
    return parts.count == 2 && parts[1].hasPrefix("YUV420") ? PictureSize(written: parts[0]) : nil
  }
}

extension PictureSize {
  /// Reads `640x480`; returns nil for anything else, and for a picture that is too large.
  init?(written text: Substring) {
    let sides = text.split(separator: "x", omittingEmptySubsequences: false)
    guard sides.count == 2, let width = Int(sides[0]), let height = Int(sides[1]), width > 0, height > 0,
      width <= 32_768, height <= 32_768, DisplayGeometry.isPlayable(width: width, height: height)
    else { return nil }
    self.init(width: width, height: height)
  }
}
