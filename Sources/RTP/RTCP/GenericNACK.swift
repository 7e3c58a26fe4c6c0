import NIOCore

/// A report of lost RTP packets: the generic NACK (RFC 4585 section 6.2.1).
package struct GenericNACK: Hashable, Sendable {
  static let format: UInt8 = 1

  /// The PID field, which names a lost packet, and the BLP bit mask, which tells which of the sixteen packets after it
  /// were lost too.
  package struct Item: Hashable, Sendable {
    package var packetID: UInt16
    package var followingLostPackets: UInt16

    package init(packetID: UInt16, followingLostPackets: UInt16) {
      self.packetID = packetID
      self.followingLostPackets = followingLostPackets
    }
  }

  package var senderSSRC: UInt32
  package var mediaSSRC: UInt32
  package var items: [Item]

  package init(senderSSRC: UInt32, mediaSSRC: UInt32, items: [Item]) {
    self.senderSSRC = senderSSRC
    self.mediaSSRC = mediaSSRC
    self.items = items
  }

  /// Makes the fewest items that name the lost packets.
  ///
  /// - Parameter lost: the sequence numbers in ascending order; a gap of more than sixteen begins a new item.
  package init(senderSSRC: UInt32, mediaSSRC: UInt32, lost: [UInt16]) {
    self.init(senderSSRC: senderSSRC, mediaSSRC: mediaSSRC, items: [])
    for sequenceNumber in lost {
      if let last = items.last, (1...16).contains(sequenceNumber &- last.packetID) {
        items[items.count - 1].followingLostPackets |= 1 << (sequenceNumber &- last.packetID &- 1)
      } else {
        items.append(Item(packetID: sequenceNumber, followingLostPackets: 0))
      }
    }
  }

  /// The sequence numbers of all lost packets, in the order of the items.
  package var lostPackets: some Sequence<UInt16> {
    items.lazy.flatMap { item in
      (0...16 as ClosedRange<UInt16>).lazy
        .filter { $0 == 0 || item.followingLostPackets & (1 << ($0 &- 1)) != 0 }
        .map { item.packetID &+ $0 }
    }
  }

  init(parsing body: inout ByteBuffer) throws(RTPError) {
    self.init(senderSSRC: try body.readWord(), mediaSSRC: try body.readWord(), items: [])
    repeat {
      let word = try body.readWord()
      items.append(
        Item(packetID: UInt16(word >> 16), followingLostPackets: UInt16(truncatingIfNeeded: word)))
    } while body.readableBytes > 0
  }

  func write(to buffer: inout ByteBuffer) {
    buffer.writeRTCPPacket(.transportLayerFeedback, count: Int(Self.format)) { body in
      body.writeMultipleIntegers(senderSSRC, mediaSSRC)
      for item in items {
        body.writeMultipleIntegers(item.packetID, item.followingLostPackets)
      }
    }
  }
}
