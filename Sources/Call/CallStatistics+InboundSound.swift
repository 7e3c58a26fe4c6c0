import RTP

extension CallStatistics {
  /// The inbound RTP stream of the peer's sound.
  package struct InboundSound: Codable, Sendable, Equatable {
    package var kind = "audio"
    /// nil before the first packet.
    package var ssrc: UInt32?
    package var mimeType = "audio/opus"
    package var packetsReceived: Int
    package var bytesReceived: Int
    package var headerBytesReceived: Int
    package var packetsLost: Int
    /// In seconds.
    package var jitter: Double
    /// The highest of `packetsLost` until now, for counters; it is no figure of webrtc-stats.
    package var mostPacketsLost = 0
    // What was made of it; nil before any of it was played.
    package var packetsDiscarded: Int?
    package var totalSamplesReceived: Int?
    package var concealedSamples: Int?
    package var concealmentEvents: Int?
    /// In seconds, over all samples emitted.
    package var jitterBufferDelay: Double?
    package var jitterBufferEmittedCount: Int?
    package var insertedSamplesForDeceleration: Int?
    package var removedSamplesForAcceleration: Int?
    /// From 0 to 1, of the last 20 ms.
    package var audioLevel: Double?

    private enum CodingKeys: CodingKey {
      case kind, ssrc, mimeType, packetsReceived, bytesReceived, headerBytesReceived, packetsLost, jitter
      case packetsDiscarded, totalSamplesReceived, concealedSamples, concealmentEvents, audioLevel
      case jitterBufferDelay, jitterBufferEmittedCount, insertedSamplesForDeceleration, removedSamplesForAcceleration
    }

    /// In seconds.
    package var concealedDuration: Double { Double(concealedSamples ?? 0) / Double(OpusPayloader.clockRate) }

    init(_ received: InboundRTPStatistics, ssrc: UInt32?, _ decoded: DecodedSound?) {
      self.ssrc = ssrc
      packetsReceived = received.packetsReceived
      bytesReceived = received.bytesReceived
      headerBytesReceived = received.headerBytesReceived
      packetsLost = received.packetsLost
      mostPacketsLost = received.mostPacketsLost
      jitter = received.jitter
      packetsDiscarded = decoded?.packetsDiscarded
      totalSamplesReceived = decoded?.totalSamplesReceived
      concealedSamples = decoded?.concealedSamples
      concealmentEvents = decoded?.concealmentEvents
      jitterBufferDelay = decoded?.jitterBufferDelay
      jitterBufferEmittedCount = decoded?.jitterBufferEmittedCount
      insertedSamplesForDeceleration = decoded?.insertedSamplesForDeceleration
      removedSamplesForAcceleration = decoded?.removedSamplesForAcceleration
      audioLevel = decoded?.audioLevel
    }
  }

  /// What the decoder made of the peer's sound.
  package struct DecodedSound: Sendable, Equatable {
    /// Later than their turn.
    package var packetsDiscarded: Int
    package var totalSamplesReceived: Int
    package var concealedSamples: Int
    package var concealmentEvents: Int
    package var jitterBufferDelay: Double
    package var jitterBufferEmittedCount: Int
    package var insertedSamplesForDeceleration: Int
    package var removedSamplesForAcceleration: Int
    package var audioLevel: Double

    package init(
      packetsDiscarded: Int, totalSamplesReceived: Int, concealedSamples: Int, concealmentEvents: Int,
      jitterBufferDelay: Double, jitterBufferEmittedCount: Int, insertedSamplesForDeceleration: Int,
      removedSamplesForAcceleration: Int, audioLevel: Double
    ) {
      self.packetsDiscarded = packetsDiscarded
      self.totalSamplesReceived = totalSamplesReceived
      self.concealedSamples = concealedSamples
      self.concealmentEvents = concealmentEvents
      self.jitterBufferDelay = jitterBufferDelay
      self.jitterBufferEmittedCount = jitterBufferEmittedCount
      self.insertedSamplesForDeceleration = insertedSamplesForDeceleration
      self.removedSamplesForAcceleration = removedSamplesForAcceleration
      self.audioLevel = audioLevel
    }
  }

  /// How the loudspeaker plays the sound of all who are heard.
  package struct Playout: Codable, Sendable, Equatable {
    package var kind = "audio"
    /// For one channel.
    package var totalSamplesCount: Int
    /// In seconds.
    package var totalSamplesDuration: Double
    /// In seconds, over all samples.
    package var totalPlayoutDelay: Double
    /// The times that there was nothing to play because this computer was late (not in webrtc-stats).
    package var underruns: Int
    /// How much faster the loudspeaker's clock is than this computer's, in parts per million (not in webrtc-stats).
    package var drift: Double

    package init(totalSamplesCount: Int, totalPlayoutDelay: Double, underruns: Int, drift: Double) {
      self.totalSamplesCount = totalSamplesCount
      totalSamplesDuration = Double(totalSamplesCount) / Double(OpusPayloader.clockRate)
      self.totalPlayoutDelay = totalPlayoutDelay
      self.underruns = underruns
      self.drift = drift
    }
  }
}
