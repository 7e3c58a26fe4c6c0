@testable import Call

extension CallStatistics {
  /// Those of a call over a path of 480 kbit/s, as they were after so many seconds.
  static func sample(seconds: Int = 1, ssrc: UInt32 = 1, hasFeedback: Bool = true) -> CallStatistics {
    CallStatistics(
      mediaSource: .init(
        width: 1280, height: 720, frames: 25 * seconds, framesPerSecond: 25, framesSkipped: 0, framesCorrupt: 0),
      outboundRTP: .init(
        ssrc: ssrc, packetsSent: 60 * seconds, bytesSent: 55_000 * seconds, headerBytesSent: 1_200 * seconds,
        retransmittedPacketsSent: 0, retransmittedBytesSent: 0, totalPacketSendDelay: 0.6 * Double(seconds),
        framesEncoded: 25 * seconds, framesSent: 24 * seconds, keyFramesEncoded: seconds, frameWidth: 640,
        frameHeight: 360, qpSum: 25 * 60 * seconds, qualityLimitationReason: "bandwidth",
        qualityLimitationDurations: .init(bandwidth: Double(seconds)), qualityLimitationResolutionChanges: 1,
        framesDropped: seconds, framesDroppedLate: seconds, framesThrottled: 0, framesPerSecond: 24,
        targetBitrate: 440_000, totalEncodeTime: 0.1 * Double(seconds), nackCount: 0, pliCount: 0, firCount: 0,
        bitrate: 440_000, frameLatency: nil, encodeTime: nil),
      remoteInboundRTP: .init(
        packetsLost: 0, fractionLost: 0.02, jitter: 0.001, roundTripTime: 0.04, totalRoundTripTime: 0.04,
        roundTripTimeMeasurements: 1),
      candidatePair: .init(
        state: "succeeded", currentRoundTripTime: 0.05, availableOutgoingBitrate: hasFeedback ? 483_000 : nil,
        queueDelay: hasFeedback ? 0.012 : nil, bytesDelivered: hasFeedback ? 57_500 * seconds : nil,
        pacerBytes: hasFeedback ? 1_500 : nil, pacerDelay: hasFeedback ? 0.02 : nil, localCandidateType: "host",
        remoteCandidateType: "srflx", packetsDiscardedOnReceive: 0),
      transport: .init(
        dtlsState: "connected", bytesSent: 58_320 * seconds, packetsSent: 60 * seconds, bytesReceived: 0,
        packetsReceived: 0))
  }
}
