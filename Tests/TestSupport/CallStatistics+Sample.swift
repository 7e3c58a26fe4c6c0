import Call
import Foundation

extension CallStatistics {
  /// Those of a call over a path of 480 kbit/s, as they were after so many seconds.
  package static func sample(seconds: Int = 1, ssrc: UInt32 = 1, hasFeedback: Bool = true) -> CallStatistics {
    let path = """
      "availableOutgoingBitrate": 483000, "queueDelay": 0.012, "bytesDelivered": \(57_500 * seconds),
      "pacerBytes": 1500, "pacerDelay": 0.02,
      """
    let text = """
      {
        "media-source": {
          "width": 1280, "height": 720, "frames": \(25 * seconds), "framesPerSecond": 25, "framesSkipped": 0,
          "framesCorrupt": 0
        },
        "outbound-rtp": {
          "ssrc": \(ssrc), "packetsSent": \(60 * seconds), "bytesSent": \(55_000 * seconds),
          "headerBytesSent": \(1_200 * seconds), "retransmittedPacketsSent": 0, "retransmittedBytesSent": 0,
          "probePacketsSent": \(4 * seconds), "probeBytesSent": \(4_000 * seconds),
          "totalPacketSendDelay": \(0.5 * Double(seconds)), "framesEncoded": \(25 * seconds),
          "framesSent": \(22 * seconds), "keyFramesEncoded": \(seconds), "frameWidth": 640, "frameHeight": 360,
          "qpSum": \(25 * 60 * seconds), "qualityLimitationReason": "bandwidth",
          "qualityLimitationDurations": { "none": 0, "cpu": 0, "bandwidth": \(seconds) },
          "qualityLimitationResolutionChanges": 1, "framesDropped": \(3 * seconds), "framesDroppedLate": \(2 * seconds),
          "framesThrottled": 0, "framesPerSecond": 22, "targetBitrate": 440000, "totalEncodeTime": 0.1, "nackCount": 0,
          "pliCount": 0, "firCount": 0, "bitrate": 440000
        },
        "remote-inbound-rtp": {
          "packetsLost": 0, "fractionLost": 0.02, "jitter": 0.001, "roundTripTime": 0.04, "totalRoundTripTime": 0.04,
          "roundTripTimeMeasurements": 1
        },
        "candidate-pair": {
          \(hasFeedback ? path : "")
          "state": "succeeded", "currentRoundTripTime": 0.05, "packetsDiscardedOnReceive": 0
        },
        "codec": { "mimeType": "video/VP8", "clockRate": 90000 },
        "local-candidate": { "candidateType": "host", "protocol": "udp" },
        "remote-candidate": { "candidateType": "srflx", "protocol": "udp" },
        "transport": {
          "dtlsState": "connected", "bytesSent": \(58_320 * seconds), "packetsSent": \(60 * seconds), "bytesReceived": 0,
          "packetsReceived": 0
        }
      }
      """
    do {
      return try JSONDecoder().decode(CallStatistics.self, from: Data(text.utf8))
    } catch {
      preconditionFailure("\(error)")
    }
  }
}
