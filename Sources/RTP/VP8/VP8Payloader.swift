/// Cuts VP8 frames into RTP payloads (RFC 7741 section 4.4), with a 15-bit picture id.
///
/// The fragments of a frame are of equal size, the last may be shorter, so that a burst can leave as one UDP
/// segmentation offload send. Partitions are not aligned with packets: S marks the first packet of the frame alone.
package struct VP8Payloader: Sendable {
  /// Of the descriptor that goes before every fragment.
  package static let descriptorLength = 4

  /// RFC 7741 section 4.2: the picture id of the first frame is random; then it goes up by one a frame and wraps.
  package private(set) var nextPictureID: UInt16

  package init(firstPictureID: UInt16) {
    nextPictureID = firstPictureID & 0x7FFF
  }

  /// - Parameters:
  ///   - length: the frame's, in bytes; an empty frame has no fragments and uses no picture id.
  ///   - maximumPayloadSize: of descriptor and fragment together.
  package mutating func fragments(
    ofFrameWithLength length: Int, maximumPayloadSize: Int
  ) -> VP8Fragments {
    let room = maximumPayloadSize - Self.descriptorLength
    precondition(room > 0, "a payload must hold more than its descriptor")
    let fragments = VP8Fragments(frameLength: length, maximumLength: room, pictureID: nextPictureID)
    if length > 0 {
      nextPictureID = (nextPictureID + 1) & 0x7FFF
    }
    return fragments
  }
}
