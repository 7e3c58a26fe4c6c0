import Video

/// How `rpicam-vid` lays out a picture in its output: three planes with padded rows, of full range (`yuv420` is written
/// in the colour space of JPEG).
struct LibcameraLayout: Equatable, Sendable {
  let header: Y4MHeader
  /// The number of bytes from one picture to the next.
  let length: Int

  /// The alignments of rows of luma: 64 bytes up to the Raspberry Pi 4 (bcm2835-isp), and 128 on the Raspberry Pi 5,
  /// where those of chroma are aligned to 64 (libpisp, `compute_optimal_stride`).
  private static let alignments = [64, 128]
  /// At most this many bytes are behind the last row, which fill a page.
  private static let longestTail = 4_095

  /// - Parameters:
  ///   - length: the number of bytes that the program says a picture has; nil if it says nothing, where rows are
  ///     assumed to be aligned to 64 bytes.
  /// - Returns: nil if a picture of this size does not have this many bytes.
  init?(size: PictureSize, rate: FrameRate, length: Int?) {
    func header(_ stride: Int) -> Y4MHeader {
      Y4MHeader(width: size.width, height: size.height, frameRate: rate, range: .full, stride: stride)
    }
    let usual = Self.alignments.map { header((size.width + $0 - 1) / $0 * $0) }
    guard let length else {
      self.header = usual[0]
      self.length = usual[0].pictureSize
      return
    }
    guard (0...2 * DisplayGeometry.largestArea).contains(length) else { return nil }
    // What neither kind of computer is known to do is told by the length alone.
    let stride = 2 * length / (3 * size.height) & ~1
    let exact = usual + (stride >= size.width && stride <= 2 * size.width + 128 ? [header(stride)] : [])
    let isFit = { (header: Y4MHeader) in length == header.pictureSize }
    let isPadded = { (header: Y4MHeader) in (0...Self.longestTail).contains(length - header.pictureSize) }
    guard let header = exact.first(where: isFit) ?? usual.last(where: isPadded) else { return nil }
    self.header = header
    self.length = length
  }
}
