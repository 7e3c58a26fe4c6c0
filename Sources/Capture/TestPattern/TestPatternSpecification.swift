import Video

/// The test pattern that `pattern[:WIDTHxHEIGHT@FPS]` on the command line specifies.
package struct TestPatternSpecification: Hashable, Sendable {
  package var format: VideoFormat

  package init(format: VideoFormat) {
    self.format = format
  }

  package static let standard = VideoFormat(width: 640, height: 480, frameRate: FrameRate(25))

  /// The allowed width and height: from room for sixteen counter blocks and a legible clock, up to what VP8 and a small
  /// computer can handle.
  private static let sides = 64...4096
  private static let rates = 1...120

  package static func isPattern(_ source: String) -> Bool {
    source == "pattern" || source.hasPrefix("pattern:")
  }

  /// - Throws: `CaptureError.invalidPattern`.
  package init(parsing source: String) throws(CaptureError) {
    guard Self.isPattern(source) else { throw .invalidPattern("'\(source)' is not a test pattern") }
    var format = Self.standard
    let parameters = source.dropFirst("pattern".count)
    guard !parameters.isEmpty else {
      self.init(format: format)
      return
    }
    let parts = parameters.dropFirst().split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    if !parts[0].isEmpty || parts.count == 1 {
      let size = try Self.size(parts[0])
      (format.width, format.height) = (size.width, size.height)
    }
    if parts.count == 2 {
      format.frameRate = try Self.frameRate(parts[1])
    }
    self.init(format: format)
  }

  private static func size(_ text: Substring) throws(CaptureError) -> PictureSize {
    guard !text.isEmpty else { throw .invalidPattern("the picture size after ':' is missing") }
    let sides = text.split(separator: "x", omittingEmptySubsequences: false).map(number)
    guard sides.count == 2, let width = sides[0], let height = sides[1] else {
      throw .invalidPattern("'\(text)' is not a picture size")
    }
    guard Self.sides.contains(width), Self.sides.contains(height), width % 2 == 0, height % 2 == 0 else {
      throw .invalidPattern(
        "\(width)x\(height) does not fit: sides are even, \(Self.sides.lowerBound) to \(Self.sides.upperBound)")
    }
    return PictureSize(width: width, height: height)
  }

  private static func frameRate(_ text: Substring) throws(CaptureError) -> FrameRate {
    guard !text.isEmpty else { throw .invalidPattern("the frame rate after '@' is missing") }
    guard let rate = number(text), rates.contains(rate) else {
      throw .invalidPattern("'\(text)' is not a frame rate from \(rates.lowerBound) to \(rates.upperBound)")
    }
    return FrameRate(Int32(rate))
  }

  /// Reads a number of digits only; `Int` would accept a sign too.
  private static func number(_ text: Substring) -> Int? {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
  }
}
