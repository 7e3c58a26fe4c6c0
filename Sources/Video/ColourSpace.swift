/// How the samples of a picture stand for colours: ITU-T H.273, MatrixCoefficients and VideoFullRangeFlag.
package struct ColourSpace: Hashable, Sendable {
  /// H.273 table 4, by the weights that red and blue have in luma.
  package enum Matrix: Sendable {
    case bt601
    case bt709
    case smpte240
    case bt2020
  }

  /// H.273 section 8.3: whether black is 16 and white 235 (chroma 16...240), or 0 and 255.
  package enum Range: Sendable {
    case limited
    case full
    /// Limited red, green and blue that were taken for full ones, and made limited once more.
    case limitedTwice
  }

  package var matrix: Matrix
  package var range: Range

  package init(matrix: Matrix, range: Range) {
    self.matrix = matrix
    self.range = range
  }

  /// RFC 6386 section 9.2: a VP8 stream's colour space is "YUV color space similar to the YCrCb color space defined in
  /// [ITU_R_BT.601]"; players take its range as limited.
  package static let vp8 = ColourSpace(matrix: .bt601, range: .limited)

  /// JFIF (ITU-T T.871 section 7): BT.601, with all 256 levels.
  package static let jpeg = ColourSpace(matrix: .bt601, range: .full)
}
