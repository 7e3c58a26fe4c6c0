/// The format of a source's frames, known before the first frame.
package struct VideoFormat: Hashable, Sendable {
  /// The width in luma samples; pixels are square.
  package var width: Int
  package var height: Int
  package var frameRate: FrameRate

  package var size: PictureSize { PictureSize(width: width, height: height) }

  package init(width: Int, height: Int, frameRate: FrameRate) {
    precondition(width > 0 && height > 0, "a picture has an area")
    self.width = width
    self.height = height
    self.frameRate = frameRate
  }
}
