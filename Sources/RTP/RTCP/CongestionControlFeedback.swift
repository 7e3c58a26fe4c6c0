import NIOCore

/// The arrival times of the packets of streams, by their RTP sequence numbers (RFC 8888 section 3.1).
package struct CongestionControlFeedback: Hashable, Sendable {
  static let format: UInt8 = 11

  /// The packet metric block of a packet that has arrived.
  package struct Arrival: Hashable, Sendable {
    /// The ECN mark with which the packet has arrived, two bits (RFC 3168 section 5).
    package var congestionNotification: UInt8
    /// The time between the arrival and the report, in units of 1/1024 s, thirteen bits. 0x1FFE stands for any longer
    /// time, and 0x1FFF for an unknown one.
    package var timeOffset: UInt16

    package init(congestionNotification: UInt8 = 0, timeOffset: UInt16) {
      self.congestionNotification = congestionNotification
      self.timeOffset = timeOffset
    }
  }

  /// What is told of one stream.
  package struct StreamReport: Hashable, Sendable {
    package var ssrc: UInt32
    package var beginSequenceNumber: UInt16
    /// The packets from the first sequence number on; nil for one that has not arrived.
    package var packets: [Arrival?]

    package init(ssrc: UInt32, beginSequenceNumber: UInt16, packets: [Arrival?]) {
      self.ssrc = ssrc
      self.beginSequenceNumber = beginSequenceNumber
      self.packets = packets
    }
  }

  package var senderSSRC: UInt32
  package var reports: [StreamReport]
  /// The time of the report on the clock of the receiver's sender reports: the middle 32 bits of an NTP timestamp.
  package var timestamp: UInt32

  package init(senderSSRC: UInt32, reports: [StreamReport], timestamp: UInt32) {
    self.senderSSRC = senderSSRC
    self.reports = reports
    self.timestamp = timestamp
  }

  /// - Throws: `RTPError.truncated`.
  init(parsing body: inout ByteBuffer) throws(RTPError) {
    self.init(senderSSRC: try body.readWord(), reports: [], timestamp: 0)
    while body.readableBytes > MemoryLayout.size(ofValue: timestamp) {
      let ssrc = try body.readWord()
      let range = try body.readWord()
      let count = Int(range & 0xFFFF)
      var report = StreamReport(ssrc: ssrc, beginSequenceNumber: UInt16(range >> 16), packets: [])
      // The metric blocks are padded to a whole word.
      guard var blocks = body.readSlice(length: (count + 1) / 2 * 4) else { throw .truncated }
      while report.packets.count < count, let block: UInt16 = blocks.readInteger() {
        let arrival = Arrival(congestionNotification: UInt8(block >> 13 & 3), timeOffset: block & 0x1FFF)
        report.packets.append(block & 0x8000 == 0 ? nil : arrival)
      }
      reports.append(report)
    }
    timestamp = try body.readWord()
  }

  func write(to buffer: inout ByteBuffer) {
    buffer.writeRTCPPacket(.transportLayerFeedback, count: Int(Self.format)) { body in
      body.writeInteger(senderSSRC)
      for report in reports {
        body.writeMultipleIntegers(report.ssrc, report.beginSequenceNumber, UInt16(report.packets.count))
        for packet in report.packets {
          let block = packet.map { 0x8000 | UInt16($0.congestionNotification) << 13 | $0.timeOffset }
          body.writeInteger(block ?? 0)
        }
        if !report.packets.count.isMultiple(of: 2) { body.writeInteger(UInt16(0)) }
      }
      body.writeInteger(timestamp)
    }
  }
}
