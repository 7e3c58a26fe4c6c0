extension InputFile {
  /// Skips the line before each picture: the word FRAME and parameters, none of which concerns a plain stream.
  func passFrameHeader() -> Bool {
    var word: UInt64 = 0
    let next: UInt8? = withUnsafeMutableBytes(of: &word) { bytes in
      let line = UnsafeMutableRawBufferPointer(rebasing: bytes.prefix(6))
      return read(into: line) && line.starts(with: "FRAME".utf8) ? line[5] : nil
    }
    guard next != UInt8(ascii: "\n") else { return true }
    guard next == UInt8(ascii: " ") else { return false }
    for _ in 6..<Y4MHeader.longestLine {
      if readByte() == UInt8(ascii: "\n") { return true }
    }
    return false
  }
}
