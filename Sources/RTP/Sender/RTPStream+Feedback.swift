import NIOCore

extension RTPStream {
  /// Takes the peer's feedback on this stream; feedback on others is ignored.
  ///
  /// - Parameters:
  ///   - compound: the packets of one datagram. Together they can request as many packets as the history holds.
  ///   - roundTrip: in seconds, with the time that packets wait.
  package mutating func receive(_ compound: [RTCPPacket], roundTrip: Double = 0, now: NIODeadline) {
    var requestsLeft = RetransmissionHistory.maximumPackets
    let requests = keyFrameRequests.received
    for packet in compound { receive(packet, requestsLeft: &requestsLeft, now: now) }
    // With RTX a peer requests the packets that it loses.
    if keyFrameRequests.received > requests, !hasRetransmissionStream {
      repetition.keyFrameRequested(roundTrip: roundTrip, now: now)
    }
  }

  private mutating func receive(_ packet: RTCPPacket, requestsLeft: inout Int, now: NIODeadline) {
    switch packet {
    case .senderReport(let report):
      receive(report.reportBlocks, now: now)
    case .receiverReport(let report):
      receive(report.reportBlocks, now: now)
    case .genericNACK(let nack) where isOurs(nack.mediaSSRC):
      statistics.nackCount += 1
      requestsLeft -= requestRetransmissions(nack, limit: requestsLeft, now: now)
    case .pictureLossIndication(let indication) where isOurs(indication.mediaSSRC):
      statistics.pliCount += 1
      keyFrameRequests.indication(now: now)
    case .fullIntraRequest(let request):
      receive(request, now: now)
    case .receiverEstimatedMaximumBitrate(let estimate):
      receive(estimate, now: now)
    case .genericNACK, .transportWideFeedback, .congestionControlFeedback, .pictureLossIndication, .sourceDescription,
      .goodbye, .unknown:
      break
    }
  }

  private mutating func receive(_ blocks: [ReportBlock], now: NIODeadline) {
    for block in blocks where isOurs(block.ssrc) {
      var remote = remoteStatistics ?? RemoteInboundRTPStatistics()
      remote.packetsLost = Int(block.packetsLost)
      remote.fractionLost = Double(block.fractionLost) / 256
      remote.jitter = Double(block.jitter) / Double(Payloader.clockRate)
      remote.reportsReceived += 1
      if let roundTripTime = reports.roundTripTime(from: block, now: now) {
        remote.roundTripTime = roundTripTime
        remote.totalRoundTripTime = remote.totalRoundTripTime + roundTripTime
        remote.roundTripTimeMeasurements += 1
      }
      remoteStatistics = remote
      firstKeyFrames?.receive(block, senderReportAt: reports.timeSent(of: block), now: now)
      repetition.receive(block, now: now)
    }
  }

  private mutating func receive(_ request: FullIntraRequest, now: NIODeadline) {
    for entry in request.entries where isOurs(entry.ssrc) {
      statistics.firCount += 1
      keyFrameRequests.command(sequenceNumber: entry.sequenceNumber, from: request.senderSSRC, now: now)
    }
  }

  private mutating func receive(_ estimate: ReceiverEstimatedMaximumBitrate, now: NIODeadline) {
    guard estimate.ssrcs.isEmpty || estimate.ssrcs.contains(where: { isOurs($0) }) else { return }
    maximumBitrate.update(estimate.bitrate, sent: statistics.bytesSent, now: now)
  }

  /// Requests a key frame as if the peer had asked: an unsent frame is missed by later ones like a lost one.
  package mutating func requestKeyFrame(now: NIODeadline) {
    keyFrameRequests.request(now: now)
  }
}
