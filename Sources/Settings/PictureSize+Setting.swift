import Video

extension PictureSize {
  /// VP8 codes 14 bits a side (RFC 6386 section 9.1); chroma at half size wants even numbers.
  private static let range = 16...8192

  /// - Parameter text: as a person writes it: `640x480`.
  package init(parsing text: String) throws(SettingError) {
    let parts = text.lowercased().split(separator: "x", omittingEmptySubsequences: false)
    guard parts.count == 2, let width = Int(parts[0]), let height = Int(parts[1]) else {
      throw SettingError(
        of: .option("size"), "'\(text)' is not a picture size", cure: "write for example 640x480", .usage)
    }
    guard Self.range.contains(width), Self.range.contains(height), width.isMultiple(of: 2), height.isMultiple(of: 2)
    else {
      throw SettingError(
        of: .option("size"), "\(text) cannot be encoded", cure: "both sides are even, 16 to 8192", .usage)
    }
    self.init(width: width, height: height)
  }
}
