import NIOCore
import RTP

/// Puts VP8 frames together again (RFC 7741 section 4.5), whatever the order in which their packets come.
package struct VP8Depayloader {
  package struct Frame: Equatable {
    package var payload: ByteBuffer
    package var timestamp: UInt32
    package var pictureID: UInt16?
    package var isKeyFrame: Bool
  }

  private struct Piece {
    var descriptor: VP8PayloadDescriptor
    var marker: Bool
    var payload: ByteBuffer
  }

  private var pieces: [UInt32: [UInt16: Piece]] = [:]

  package init() {}

  /// Takes a plain RTP packet; answers the frame that it completes.
  package mutating func receive(_ packet: ByteBuffer) throws(RTPError) -> Frame? {
    var payload = packet
    let header = try RTPHeader(parsing: &payload)
    return try receive(payload, header: header)
  }

  /// Takes a packet of the RTX stream (RFC 4588 section 4).
  package mutating func receiveRetransmission(_ packet: ByteBuffer) throws(RTPError) -> Frame? {
    var payload = packet
    var header = try RTPHeader(parsing: &payload)
    guard let original: UInt16 = payload.readInteger() else { throw .truncated }
    header.sequenceNumber = original
    return try receive(payload, header: header)
  }

  private mutating func receive(_ payload: ByteBuffer, header: RTPHeader) throws(RTPError) -> Frame? {
    var payload = payload
    let descriptor = try VP8PayloadDescriptor(parsing: &payload)
    pieces[header.timestamp, default: [:]][header.sequenceNumber] =
      Piece(descriptor: descriptor, marker: header.marker, payload: payload)
    return complete(header.timestamp)
  }

  private mutating func complete(_ timestamp: UInt32) -> Frame? {
    guard
      let frame = pieces[timestamp], let first = frame.first(where: { $0.value.descriptor.isStartOfFrame })
    else { return nil }
    var assembled = ByteBuffer()
    var sequenceNumber = first.key
    while let piece = frame[sequenceNumber] {
      assembled.writeImmutableBuffer(piece.payload)
      if piece.marker {
        pieces[timestamp] = nil
        // P, the lowest bit of a VP8 frame, is 0 in key frames (RFC 6386 section 9.1).
        let isKeyFrame = assembled.getInteger(at: assembled.readerIndex, as: UInt8.self).map { $0 & 1 == 0 } ?? false
        return Frame(
          payload: assembled, timestamp: timestamp, pictureID: first.value.descriptor.pictureID?.value,
          isKeyFrame: isKeyFrame)
      }
      sequenceNumber &+= 1
    }
    return nil
  }
}
