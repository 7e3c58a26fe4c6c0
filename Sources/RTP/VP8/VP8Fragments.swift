/// The fragments of one VP8 frame in order (RFC 7741 section 4.4); computed as it goes, it allocates nothing.
package struct VP8Fragments: Sequence, IteratorProtocol, Sendable {
  package struct Fragment: Hashable, Sendable {
    /// Where in the frame, in bytes from its beginning.
    package var range: Range<Int>
    package var descriptor: VP8PayloadDescriptor
    package var isLast: Bool
  }

  private let frameLength: Int
  private let fragmentLength: Int
  private let pictureID: VP8PayloadDescriptor.PictureID
  private var position = 0

  init(frameLength: Int, maximumLength: Int, pictureID: UInt16) {
    self.frameLength = frameLength
    self.pictureID = VP8PayloadDescriptor.PictureID(pictureID)
    let count = Swift.max(1, (frameLength + maximumLength - 1) / maximumLength)
    fragmentLength = (frameLength + count - 1) / count
  }

  package mutating func next() -> Fragment? {
    guard position < frameLength else { return nil }
    let end = Swift.min(position + fragmentLength, frameLength)
    defer { position = end }
    return Fragment(
      range: position..<end,
      descriptor: VP8PayloadDescriptor(isStartOfPartition: position == 0, pictureID: pictureID),
      isLast: end == frameLength)
  }
}
