import RTP

/// What a viewer may say of a stream.
enum FuzzFeedback {
  /// One packet of each kind that is read.
  ///
  /// - Parameter sequenceNumber: of a packet that was sent.
  static func packets(of ssrc: UInt32, sequenceNumber: UInt16) -> [RTCPPacket] {
    let block = ReportBlock(
      ssrc: ssrc, fractionLost: 10, packetsLost: 5, extendedHighestSequenceNumber: 9, jitter: 3, lastSenderReport: 1,
      delaySinceLastSenderReport: 2)
    let arrivals = [0, 1, 3].map { step in
      TransportWideFeedback.Arrival(sequenceNumber: UInt16(step), time: .milliseconds(Int64(step * step * 10)))
    }
    let lost = GenericNACK.Item(packetID: sequenceNumber, followingLostPackets: .max)
    return [
      .receiverReport(ReceiverReport(ssrc: 1, reportBlocks: [block])),
      .senderReport(
        SenderReport(
          ssrc: 1, ntpTimestamp: NTPTimestamp(rawValue: 1), rtpTimestamp: 1, packetCount: 1, octetCount: 1,
          reportBlocks: [block])),
      .sourceDescription(SourceDescription(chunks: [.init(ssrc: 1, canonicalName: "x")])),
      .goodbye(Goodbye(sources: [1])),
      .pictureLossIndication(PictureLossIndication(senderSSRC: 1, mediaSSRC: ssrc)),
      .genericNACK(GenericNACK(senderSSRC: 1, mediaSSRC: ssrc, items: [lost])),
      .transportWideFeedback(
        TransportWideFeedback(
          senderSSRC: 1, mediaSSRC: ssrc, feedbackCount: 1, baseSequenceNumber: 0, packetStatusCount: 30,
          arrivals: arrivals)),
      .congestionControlFeedback(
        CongestionControlFeedback(
          senderSSRC: 1,
          reports: [
            .init(ssrc: ssrc, beginSequenceNumber: sequenceNumber, packets: [.init(timeOffset: 5), nil, nil])
          ], timestamp: 1)),
      .receiverEstimatedMaximumBitrate(
        ReceiverEstimatedMaximumBitrate(senderSSRC: 1, bitrate: 300_000, ssrcs: [ssrc])),
      .fullIntraRequest(FullIntraRequest(senderSSRC: 1, entries: [.init(ssrc: ssrc, sequenceNumber: 1)])),
    ]
  }
}
