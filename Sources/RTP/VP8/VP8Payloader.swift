/// Splits VP8 frames into RTP payloads (RFC 7741 section 4.4) with a 15-bit picture ID.
///
/// Packets are not aligned with partitions: only the first packet of a frame has the S bit set.
package struct VP8Payloader: RTPPayloader {
  /// The length of the descriptor before every fragment in bytes.
  package static let descriptorLength = 4
  /// 90,000 hertz, the only clock rate that RFC 7741 section 6.2.1 allows.
  package static let clockRate: UInt32 = 90_000
  package static let marksLastPacket = true

  /// The picture ID of the next frame. It starts at random, increases by one per frame, and wraps (RFC 7741 section
  /// 4.2).
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
