import ICE
import NIOCore
import Peer
import RTP
import SRTP

/// Puts together what the video thread, the RTP sender and ICE counted; rates are over the time since the last update.
struct StatisticsCollector: Sendable {
  var source = MediaSourceStatistics() {
    didSet { countResolutionChange(from: oldValue) }
  }
  var soundSource: CallStatistics.SoundSource?
  /// Tells what is made of the peer's sound; nil where nobody plays it.
  var playout: Call.PlayoutReader?
  private(set) var latest: CallStatistics?
  /// A path that was lost is still the one that the call had.
  private var lastPair: CandidatePairDescription?

  private var latencies = DurationDistribution()
  private var soundLatencies = DurationDistribution()
  private var encodeTimes = DurationDistribution()

  /// Frames that were not sent, by why: the one count of them.
  private var drops: [FrameOutcome.Drop: Int] = [:]

  private var qualityLimitationResolutionChanges = 0
  private var previous: (time: NIODeadline, frames: Int, bytes: Int)?

  /// A frame's last packet is handed to its socket.
  mutating func frameSent(captureTime: NIODeadline, now: NIODeadline) {
    latencies.record(now - captureTime)
    encodeTimes.record(source.lastEncodeTime)
  }

  /// A packet of sound is handed to its socket.
  mutating func soundSent(captureTime: NIODeadline, now: NIODeadline) {
    soundLatencies.record(now - captureTime)
  }

  /// One frame, or several for the same reason, are not sent.
  @discardableResult
  mutating func drop(_ reason: FrameOutcome.Drop, count: Int = 1) -> FrameOutcome {
    drops[reason, default: 0] += count
    return .dropped(reason)
  }

  /// - Parameter start: when the first frame could be sent.
  mutating func update(from connection: PeerConnection, since start: NIODeadline?, now: NIODeadline) {
    guard connection.outboundStatistics != nil || connection.outboundSoundStatistics != nil else { return }
    let outbound = connection.outboundStatistics ?? OutboundRTPStatistics()
    lastPair = connection.mainTransport?.selectedPair ?? lastPair
    let rates = rates(frames: outbound.framesSent, bytes: outbound.bytesSent, since: start, now: now)
    latest = statistics(of: connection, rates, now: now) ?? latest
  }

  /// What is known at this moment, with the rates of the last update.
  func statistics(of connection: PeerConnection, now: NIODeadline) -> CallStatistics? {
    let rates = latest.map { ($0.outboundRTP.framesPerSecond, $0.outboundRTP.bitrate) } ?? (0, 0)
    return statistics(of: connection, rates, now: now)
  }

  private func statistics(of connection: PeerConnection, _ rates: Rates, now: NIODeadline) -> CallStatistics? {
    guard let transport = connection.mainTransport else { return nil }
    // A call for sound alone has sent no picture.
    let outbound = connection.outboundStatistics ?? OutboundRTPStatistics()
    let lastPair = transport.selectedPair ?? lastPair
    let path = connection.pathStatistics(now: now)
    let framesThrottled = drops[.throttled] ?? 0
    let sound = connection.outboundSoundStatistics.map {
      CallStatistics.Sound(
        ssrc: connection.audioSSRC, packetsSent: $0.packetsSent, bytesSent: $0.bytesSent,
        headerBytesSent: $0.headerBytesSent, retransmittedPacketsSent: $0.retransmittedPacketsSent,
        retransmittedBytesSent: $0.retransmittedBytesSent, latency: soundLatencies.percentiles)
    }
    let received = connection.inboundSoundStatistics
    let playout = received.flatMap { $0.packetsReceived > 0 ? self.playout?() : nil }
    let inboundSound = received.map {
      CallStatistics.InboundSound($0, ssrc: connection.remoteSoundSSRC, playout?.decoded)
    }
    return CallStatistics(
      mediaSource: .init(
        width: source.width, height: source.height, frames: source.framesCaptured,
        framesPerSecond: rates.framesPerSecond, framesSkipped: source.framesSkipped,
        framesCorrupt: source.framesCorrupt),
      outboundRTP: .init(
        ssrc: connection.videoSSRC, packetsSent: outbound.packetsSent, bytesSent: outbound.bytesSent,
        headerBytesSent: outbound.headerBytesSent, retransmittedPacketsSent: outbound.retransmittedPacketsSent,
        retransmittedBytesSent: outbound.retransmittedBytesSent,
        probePacketsSent: outbound.probePacketsSent, probeBytesSent: outbound.probeBytesSent,
        totalPacketSendDelay: outbound.totalPacketSendDelay.seconds, framesEncoded: source.framesEncoded,
        framesSent: outbound.framesSent, keyFramesEncoded: source.keyFramesEncoded,
        frameWidth: source.frameWidth, frameHeight: source.frameHeight, qpSum: source.quantizerSum,
        qualityLimitationReason: source.qualityLimitationReason,
        qualityLimitationDurations: source.qualityLimitationDurations,
        qualityLimitationResolutionChanges: qualityLimitationResolutionChanges,
        framesDropped: drops.values.reduce(0, +) - framesThrottled, framesDroppedLate: drops[.late] ?? 0,
        framesThrottled: framesThrottled,
        framesPerSecond: rates.framesPerSecond, targetBitrate: source.targetBitrate,
        totalEncodeTime: source.totalEncodeTime.seconds, nackCount: outbound.nackCount,
        pliCount: outbound.pliCount, firCount: outbound.firCount, bitrate: rates.bitrate,
        frameLatency: latencies.percentiles, encodeTime: encodeTimes.percentiles),
      remoteInboundRTP: connection.remoteInboundStatistics.map(CallStatistics.RemoteInboundRTP.init),
      soundSource: sound == nil ? nil : soundSource, sound: sound,
      remoteInboundSound: connection.remoteInboundSoundStatistics.map(CallStatistics.RemoteInboundRTP.init),
      inboundSound: inboundSound, playout: playout?.speaker,
      candidatePair: .init(
        state: transport.iceState.pairStatisticsName,
        currentRoundTripTime: transport.iceStatistics.currentRoundTripTime?.seconds,
        availableOutgoingBitrate: connection.availableOutgoingBitrate, queueDelay: path?.queueDelay.seconds,
        bytesDelivered: path?.bytesDelivered, pacerBytes: path?.pacerBytes, pacerDelay: path?.pacerDelay.seconds,
        packetsDiscardedOnReceive: transport.statistics.packetsDiscarded),
      localCandidate: lastPair.map {
        .init(candidateType: $0.local.kind.statisticsName, relayProtocol: $0.local.relayProtocol?.rawValue)
      },
      remoteCandidate: lastPair.map { .init(candidateType: $0.remote.kind.statisticsName) },
      transport: .init(
        dtlsState: transport.isWritable ? "connected" : "connecting", srtpCipher: transport.profile?.statisticsName,
        dtlsHandshakeTime: transport.handshakeTime?.seconds, bytesSent: transport.statistics.bytesSent,
        packetsSent: transport.statistics.packetsSent, bytesReceived: transport.statistics.bytesReceived,
        packetsReceived: transport.statistics.packetsReceived),
      candidatePairs: transport.pairStatistics.map { TriedPair($0, selected: transport.selectedPair) })
  }

  private mutating func countResolutionChange(from former: MediaSourceStatistics) {
    guard former.frameWidth > 0, (former.width, former.height) == (source.width, source.height),
      (former.frameWidth, former.frameHeight) != (source.frameWidth, source.frameHeight)
    else { return }
    qualityLimitationResolutionChanges += 1
  }

  private typealias Rates = (framesPerSecond: Double, bitrate: Int)

  private mutating func rates(frames: Int, bytes: Int, since start: NIODeadline?, now: NIODeadline) -> Rates {
    guard let previous = previous ?? start.map({ ($0, 0, 0) }) else { return (0, 0) }
    let seconds = (now - previous.time).seconds
    // The last sample of a call may follow the one before at once: a rate over milliseconds says nothing.
    guard seconds >= 0.5 else {
      return (latest?.outboundRTP.framesPerSecond ?? 0, latest?.outboundRTP.bitrate ?? 0)
    }
    self.previous = (now, frames, bytes)
    // The clock that both are measured by is no better.
    let framesPerSecond = (Double(frames - previous.frames) / seconds * 100).rounded() / 100
    return (framesPerSecond, Int(Double(bytes - previous.bytes) * 8 / seconds))
  }
}

extension CallStatistics.RemoteInboundRTP {
  init(_ statistics: RemoteInboundRTPStatistics) {
    self.init(
      packetsLost: statistics.packetsLost, fractionLost: statistics.fractionLost, jitter: statistics.jitter,
      roundTripTime: statistics.roundTripTime?.seconds, totalRoundTripTime: statistics.totalRoundTripTime.seconds,
      roundTripTimeMeasurements: statistics.roundTripTimeMeasurements, reportsReceived: statistics.reportsReceived)
  }
}

extension DurationDistribution {
  fileprivate var percentiles: CallStatistics.Percentiles? {
    guard let p50 = percentile(0.5), let p95 = percentile(0.95), let p99 = percentile(0.99) else { return nil }
    return .init(p50: p50.seconds, p95: p95.seconds, p99: p99.seconds)
  }
}

extension ICETransportState {
  /// RTCStatsIceCandidatePairState of W3C webrtc-stats, of the pair in use.
  var pairStatisticsName: String {
    switch self {
    case .new: "waiting"
    case .checking: "in-progress"
    case .connected, .completed, .disconnected, .closed: "succeeded"
    case .failed: "failed"
    }
  }
}

extension ICECandidate.Kind {
  /// RTCIceCandidateType of W3C webrtc.
  package var statisticsName: String {
    switch self {
    case .host: "host"
    case .serverReflexive: "srflx"
    case .peerReflexive: "prflx"
    case .relayed: "relay"
    }
  }
}

extension SRTPProfile {
  /// The name in IANA's registry of DTLS-SRTP protection profiles, as `srtpCipher` wants it.
  var statisticsName: String {
    switch self {
    case .aeadAES128GCM: "SRTP_AEAD_AES_128_GCM"
    case .aeadAES256GCM: "SRTP_AEAD_AES_256_GCM"
    case .aes128CMHMACSHA1x80: "SRTP_AES128_CM_HMAC_SHA1_80"
    }
  }
}
