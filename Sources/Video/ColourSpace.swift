/// The relation between the samples of a picture and colours (ITU-T H.273, MatrixCoefficients and VideoFullRangeFlag).
package struct ColourSpace: Hashable, Sendable {
  /// The matrix coefficients, named by the standard that defines the weights of red and blue in luma (H.273 table 4).
  package enum Matrix: Sendable {
    case bt601
    case bt709
    case smpte240
    case bt2020
  }

  /// The range of the samples (H.273 section 8.3): black is 16 and white 235 (chroma 16...240), or black is 0 and white
  /// 255.
  package enum Range: Sendable {
    case limited
    case full
    /// Limited-range red, green and blue that were taken for full-range values and reduced to the limited range once
    /// more.
    case limitedTwice
  }

  package var matrix: Matrix
  package var range: Range

  package init(matrix: Matrix, range: Range) {
    self.matrix = matrix
    self.range = range
  }

  /// The colour space of VP8: "YUV color space similar to the YCrCb color space defined in [ITU_R_BT.601]" (RFC 6386
  /// section 9.2). Players assume the limited range.
  package static let vp8 = ColourSpace(matrix: .bt601, range: .limited)

  /// The colour space of JFIF (ITU-T T.871 section 7): BT.601 with the full range.
  package static let jpeg = ColourSpace(matrix: .bt601, range: .full)
}
