/// The width and the height of a picture in samples.
package struct PictureSize: Hashable, Sendable, CustomStringConvertible {
  package let width: Int
  package let height: Int

  package init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// The size after a quarter turn.
  package var turned: PictureSize { PictureSize(width: height, height: width) }

  package var description: String { "\(width)x\(height)" }
}
