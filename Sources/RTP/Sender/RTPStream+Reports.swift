import NIOCore

extension RTPStream {
  /// Makes a compound of SR (or RR while nothing is sent) and SDES, which has to be protected.
  /// - Parameters:
  ///   - wallClock: the wall-clock time of the same instant as `now`.
  ///   - blocks: the reception reports.
  package mutating func report(
    now: NIODeadline, wallClock: NTPTimestamp, blocks: [ReportBlock] = []
  ) -> ByteBuffer {
    compound([reportPacket(now: now, wallClock: wallClock, blocks), sourceDescription])
  }

  /// Makes a compound that ends the stream (RFC 3550 section 6.6), which has to be protected.
  package func bye() -> ByteBuffer {
    compound([
      .receiverReport(ReceiverReport(ssrc: configuration.ssrc)), sourceDescription,
      .goodbye(Goodbye(sources: sources)),
    ])
  }

  private mutating func reportPacket(
    now: NIODeadline, wallClock: NTPTimestamp, _ blocks: [ReportBlock]
  ) -> RTCPPacket {
    guard reports.isSenderReportNext(wallClock, now: now) else {
      return .receiverReport(ReceiverReport(ssrc: configuration.ssrc, reportBlocks: blocks))
    }
    var (packets, octets) = (statistics.packetsSent, statistics.bytesSent)
    if configuration.rtx != nil {
      packets -= statistics.retransmittedPacketsSent + statistics.probePacketsSent
      octets -= statistics.retransmittedBytesSent + statistics.probeBytesSent
    }
    return .senderReport(
      SenderReport(
        ssrc: configuration.ssrc, ntpTimestamp: wallClock, rtpTimestamp: clock.timestamp(at: now),
        packetCount: UInt32(truncatingIfNeeded: packets), octetCount: UInt32(truncatingIfNeeded: octets),
        reportBlocks: blocks))
  }

  /// A stream and its retransmissions have the same CNAME (RFC 4588 section 5.2).
  private var sourceDescription: RTCPPacket {
    .sourceDescription(
      SourceDescription(
        chunks: sources.map { SourceDescription.Chunk(ssrc: $0, canonicalName: configuration.canonicalName) }))
  }

  private var sources: [UInt32] {
    [configuration.ssrc] + (configuration.rtx.map { [$0.ssrc] } ?? [])
  }

  private func compound(_ packets: [RTCPPacket]) -> ByteBuffer {
    RTCPPacket.compound(packets, headroom: configuration.headroom, tailroom: configuration.tailroom)
  }
}
