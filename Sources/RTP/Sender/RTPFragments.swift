/// The fragments of one encoded frame, in order; computed as it goes, it allocates nothing.
///
/// They are of equal size, and the last may be shorter, so that a burst can leave as one UDP segmentation offload send.
package struct RTPFragments: Sequence, IteratorProtocol, Sendable {
  package struct Fragment: Hashable, Sendable {
    /// Where the fragment lies in the frame, in bytes from the beginning of the frame.
    package var range: Range<Int>
    package var payloadHeader: RTPPayloadHeader
    package var isLast: Bool
  }

  private let frameLength: Int
  private let fragmentLength: Int
  private let firstHeader: RTPPayloadHeader
  private let followingHeader: RTPPayloadHeader
  private var position = 0

  /// - Parameters:
  ///   - frameLength: in bytes; an empty frame has no fragments.
  ///   - maximumPayloadSize: the most bytes that payload header and fragment have together.
  ///   - firstHeader: the payload header of the first fragment.
  ///   - followingHeader: the payload header of all others, which is as long as the first.
  package init(
    frameLength: Int, maximumPayloadSize: Int, firstHeader: RTPPayloadHeader, followingHeader: RTPPayloadHeader
  ) {
    let maximumLength = maximumPayloadSize - firstHeader.length
    precondition(maximumLength > 0, "a payload must hold more than its header")
    precondition(followingHeader.length == firstHeader.length, "the fragments of a frame are of equal size")
    self.frameLength = frameLength
    self.firstHeader = firstHeader
    self.followingHeader = followingHeader
    let count = Swift.max(1, (frameLength + maximumLength - 1) / maximumLength)
    fragmentLength = (frameLength + count - 1) / count
  }

  package mutating func next() -> Fragment? {
    guard position < frameLength else { return nil }
    let end = Swift.min(position + fragmentLength, frameLength)
    defer { position = end }
    return Fragment(
      range: position..<end, payloadHeader: position == 0 ? firstHeader : followingHeader, isLast: end == frameLength)
  }
}
