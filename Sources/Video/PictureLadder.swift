/// The sizes in which a source's pictures may be encoded, the largest first: its own size, and 3/4, 1/2, 3/8, 1/4 and so
/// on of it.
///
/// They are the sizes of libwebrtc (`VideoAdapter` multiplies by 3/4 and 2/3 in turn). Sides are even, since chroma has
/// half of their samples; the aspect ratio is kept as far as this allows.
package struct PictureLadder: Equatable, Sendable {
  package let sizes: [PictureSize]

  /// About the length at which a ladder ends, of the longer side: 320 samples, and 160 where the source is no longer
  /// than 320.
  private static func shortest(for length: Int) -> Int {
    length > 320 ? 256 : 128
  }

  package init(source: PictureSize) {
    let shortest = Self.shortest(for: max(source.width, source.height))
    var sizes = [source]
    // Each step is 3/4 or 1/2 of a power of two: 3/4, 2/4, 3/8, 2/8, 3/16 …
    var denominator = 4
    steps: while true {
      for numerator in [3, 2] {
        let size = PictureSize(
          width: Self.even(source.width * numerator, over: denominator),
          height: Self.even(source.height * numerator, over: denominator))
        guard max(size.width, size.height) >= shortest else { break steps }
        sizes.append(size)
      }
      denominator *= 2
    }
    self.sizes = sizes
  }

  /// The nearest even number, which is 2 at least.
  private static func even(_ numerator: Int, over denominator: Int) -> Int {
    max(2, (numerator + denominator) / (2 * denominator) * 2)
  }
}
