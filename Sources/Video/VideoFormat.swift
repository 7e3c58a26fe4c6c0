/// What a source's frames look like before the first one came.
package struct VideoFormat: Hashable, Sendable {
  /// In luma samples; pixels are square.
  package var width: Int
  package var height: Int
  package var frameRate: FrameRate

  package init(width: Int, height: Int, frameRate: FrameRate) {
    precondition(width > 0 && height > 0, "a picture has an area")
    self.width = width
    self.height = height
    self.frameRate = frameRate
  }
}
