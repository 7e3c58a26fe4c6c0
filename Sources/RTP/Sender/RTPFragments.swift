/// The fragments of one encoded frame, in order. They are computed on demand, without an allocation.
///
/// All are of equal size but for the last, which may be shorter, so that a burst can be sent by one call with UDP
/// segmentation offload.
package struct RTPFragments: Sequence, IteratorProtocol, Sendable {
  /// One fragment, which becomes the payload of one packet.
  package struct Fragment: Hashable, Sendable {
    /// The position of the fragment in the frame, in bytes.
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
  ///   - frameLength: the length of the frame in bytes; an empty frame has no fragments.
  ///   - maximumPayloadSize: the largest length of payload header and fragment together, in bytes.
  ///   - firstHeader: the payload header of the first fragment.
  ///   - followingHeader: the payload header of all other fragments, of the same length.
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

  /// The number of fragments that follow.
  var count: Int { fragmentLength == 0 ? 0 : (frameLength - position + fragmentLength - 1) / fragmentLength }

  package mutating func next() -> Fragment? {
    guard position < frameLength else { return nil }
    let end = Swift.min(position + fragmentLength, frameLength)
    defer { position = end }
    return Fragment(
      range: position..<end, payloadHeader: position == 0 ? firstHeader : followingHeader, isLast: end == frameLength)
  }
}
