/// What is known of a call at one moment; objects and names are those of W3C webrtc-stats.
package struct CallStatistics: Codable, Sendable, Equatable {
  package struct MediaSource: Codable, Sendable, Equatable {
    /// The size of the source's own pictures.
    package var width: Int
    package var height: Int
    package var frames: Int
    package var framesPerSecond: Double
    /// Frames left out because the host could not keep up (not in webrtc-stats).
    package var framesSkipped: Int
    /// Frames left out because they came damaged (not in webrtc-stats).
    package var framesCorrupt: Int
  }

  /// Seconds that half, 19 of 20, and 99 of 100 did not exceed.
  package struct Percentiles: Codable, Sendable, Equatable {
    package var p50: Double
    package var p95: Double
    package var p99: Double
  }

  /// Seconds for which each reason has limited the size or the frame rate.
  package struct QualityLimitationDurations: Codable, Sendable, Equatable {
    package var none: Double
    package var cpu: Double
    package var bandwidth: Double

    package init(none: Double = 0, cpu: Double = 0, bandwidth: Double = 0) {
      self.none = none
      self.cpu = cpu
      self.bandwidth = bandwidth
    }
  }

  package struct OutboundRTP: Codable, Sendable, Equatable {
    package var ssrc: UInt32
    package var packetsSent: Int
    package var bytesSent: Int
    package var headerBytesSent: Int
    package var retransmittedPacketsSent: Int
    package var retransmittedBytesSent: Int
    /// Packets sent again to find out what the path takes, although nobody missed them (not in webrtc-stats).
    package var probePacketsSent: Int
    package var probeBytesSent: Int
    /// Seconds that packets have waited for the path to take them, all together.
    package var totalPacketSendDelay: Double
    package var framesEncoded: Int
    package var framesSent: Int
    package var keyFramesEncoded: Int
    /// The size of the frame that was encoded last.
    package var frameWidth: Int
    package var frameHeight: Int
    /// The sum of the quantizer indices, 0...127 each, of all frames encoded.
    package var qpSum: Int
    /// Why the size or the frame rate is lower than the source's: `none`, `cpu`, `bandwidth`.
    package var qualityLimitationReason: String
    package var qualityLimitationDurations: QualityLimitationDurations
    /// How often the size has changed without the source's.
    package var qualityLimitationResolutionChanges: Int
    /// Encoded, but without a path, or a path that takes them, to be sent on (not in webrtc-stats).
    package var framesDropped: Int
    /// Those among them that waited too long for the path, or would have (not in webrtc-stats).
    package var framesDroppedLate: Int
    /// Encoded, but left out since the viewer's network takes less than all frames (not in webrtc-stats).
    package var framesThrottled: Int
    package var framesPerSecond: Double
    package var targetBitrate: Int
    package var totalEncodeTime: Double
    package var nackCount: Int
    package var pliCount: Int
    package var firCount: Int
    /// Payload bits a second over the last second (not in webrtc-stats, which leaves the division to its reader).
    package var bitrate: Int
    /// From a frame's capture, or its due time in a file, to the moment its last packet was handed to the socket (not in
    /// webrtc-stats).
    package var frameLatency: Percentiles?
    /// Part of it (not in webrtc-stats).
    package var encodeTime: Percentiles?
  }

  package struct RemoteInboundRTP: Codable, Sendable, Equatable {
    package var packetsLost: Int
    package var fractionLost: Double
    package var jitter: Double
    /// Seconds; nil before the first report that answers one of ours.
    package var roundTripTime: Double?
    package var totalRoundTripTime: Double
    package var roundTripTimeMeasurements: Int
    /// By which a new report is known; not in JSON.
    package var reportsReceived = 0

    enum CodingKeys: CodingKey {
      case packetsLost, fractionLost, jitter, roundTripTime, totalRoundTripTime, roundTripTimeMeasurements
    }
  }

  package struct CandidatePair: Codable, Sendable, Equatable {
    package var state: String
    package var currentRoundTripTime: Double?
    /// What the path carries in bits per second, by the control of congestion.
    package var availableOutgoingBitrate: Int?
    /// Seconds that packets waited before the bottleneck, by what was measured last (not in webrtc-stats).
    package var queueDelay: Double?
    /// The bytes that the viewer told have arrived, with all headers (not in webrtc-stats).
    package var bytesDelivered: Int?
    /// The bytes that wait for the path to take them (not in webrtc-stats).
    package var pacerBytes: Int?
    /// Seconds that the first of them have waited (not in webrtc-stats).
    package var pacerDelay: Double?
    /// Packets that could not be read or authenticated (not in webrtc-stats).
    package var packetsDiscardedOnReceive: Int
  }

  /// The sound before it is encoded.
  package struct SoundSource: Codable, Sendable, Equatable {
    /// From 0 to 1, of the last 20 ms.
    package var audioLevel: Double
    package var totalAudioEnergy: Double
    package var totalSamplesDuration: Double
    /// The times that samples were lost because this computer was late (not in webrtc-stats).
    package var overruns: Int
    /// The times that the microphone was unplugged, hung, or failed (not in webrtc-stats).
    package var losses: Int
    /// How much faster the microphone's clock is than this computer's, in parts per million (not in webrtc-stats).
    package var drift: Double
    /// In decibels; nil if no echo is cancelled, or if nothing was played yet.
    package var echoReturnLossEnhancement: Double?

    package init(
      audioLevel: Double, totalAudioEnergy: Double, totalSamplesDuration: Double, overruns: Int, losses: Int,
      drift: Double,
      echoReturnLossEnhancement: Double? = nil
    ) {
      self.echoReturnLossEnhancement = echoReturnLossEnhancement
      self.audioLevel = audioLevel
      self.totalAudioEnergy = totalAudioEnergy
      self.totalSamplesDuration = totalSamplesDuration
      self.overruns = overruns
      self.losses = losses
      self.drift = drift
    }
  }

  /// An end of the candidate pair in use.
  package struct Candidate: Codable, Sendable, Equatable {
    package var candidateType: String
    package var `protocol` = "udp"
    /// How we speak with the TURN server, if what the local candidate sends goes through one.
    package var relayProtocol: String?
  }

  /// How the pictures are coded.
  package struct Codec: Codable, Sendable, Equatable {
    package var mimeType = "video/VP8"
    package var clockRate = 90_000
  }

  /// The outbound RTP stream of the sound.
  package struct Sound: Codable, Sendable, Equatable {
    package var ssrc: UInt32
    package var mimeType = "audio/opus"
    package var packetsSent: Int
    package var bytesSent: Int
    package var headerBytesSent: Int
    /// Packets sent twice while the viewer reports losses, though nobody asks for them.
    package var retransmittedPacketsSent: Int
    package var retransmittedBytesSent: Int
    /// From the capture of a packet's first sample to the moment the packet was handed to the socket (not in webrtc-stats).
    package var latency: Percentiles?
  }

  package struct Transport: Codable, Sendable, Equatable {
    package var dtlsState: String
    package var srtpCipher: String?
    /// Seconds that DTLS took, from the first path on (not in webrtc-stats).
    package var dtlsHandshakeTime: Double?
    package var bytesSent: Int
    package var packetsSent: Int
    package var bytesReceived: Int
    package var packetsReceived: Int
  }

  package var mediaSource: MediaSource
  package var outboundRTP: OutboundRTP
  package var remoteInboundRTP: RemoteInboundRTP?
  /// nil where no sound is sent.
  package var soundSource: SoundSource?
  package var sound: Sound?
  package var remoteInboundSound: RemoteInboundRTP?
  /// nil where no sound is received.
  package var inboundSound: InboundSound?
  package var playout: Playout?
  package var codec = Codec()
  package var candidatePair: CandidatePair
  /// nil before a path was found.
  package var localCandidate: Candidate?
  package var remoteCandidate: Candidate?
  package var transport: Transport
  /// Every pair that was tried; not in JSON, where it would be most of a line.
  package var candidatePairs: [TriedPair] = []

  /// Seconds, by the viewer's reports, or before there are any by the checks of the path.
  package var roundTripTime: Double? { remoteInboundRTP?.roundTripTime ?? candidatePair.currentRoundTripTime }

  enum CodingKeys: String, CodingKey {
    case mediaSource = "media-source"
    case outboundRTP = "outbound-rtp"
    case remoteInboundRTP = "remote-inbound-rtp"
    case soundSource = "media-source-audio"
    case sound = "outbound-rtp-audio"
    case remoteInboundSound = "remote-inbound-rtp-audio"
    case inboundSound = "inbound-rtp-audio"
    case playout = "media-playout"
    case codec
    case candidatePair = "candidate-pair"
    case localCandidate = "local-candidate"
    case remoteCandidate = "remote-candidate"
    case transport
  }
}
