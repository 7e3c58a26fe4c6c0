/// Cuts VP8 frames into RTP payloads (RFC 7741 section 4.4), with a 15-bit picture id.
///
/// Partitions are not aligned with packets: S marks the first packet of the frame alone.
package struct VP8Payloader: RTPPayloader {
  /// The length of the descriptor before every fragment, in bytes.
  package static let descriptorLength = 4
  /// RFC 7741 section 6.2.1: "The clock rate … MUST be 90000".
  package static let clockRate: UInt32 = 90_000

  /// RFC 7741 section 4.2: the picture id of the first frame is random; then it goes up by one a frame and wraps.
  package private(set) var nextPictureID: UInt16

  package init(firstPictureID: UInt16) {
    nextPictureID = firstPictureID & 0x7FFF
  }

  package init(using generator: inout some RandomNumberGenerator) {
    self.init(firstPictureID: UInt16.random(in: 0...0x7FFF, using: &generator))
  }

  package mutating func fragments(ofFrameWithLength length: Int, maximumPayloadSize: Int) -> RTPFragments {
    var descriptor = VP8PayloadDescriptor(isStartOfPartition: true, pictureID: .init(nextPictureID))
    let firstHeader = descriptor.payloadHeader
    descriptor.isStartOfPartition = false
    if length > 0 {
      nextPictureID = (nextPictureID + 1) & 0x7FFF
    }
    return RTPFragments(
      frameLength: length, maximumPayloadSize: maximumPayloadSize, firstHeader: firstHeader,
      followingHeader: descriptor.payloadHeader)
  }
}
