import Call

/// A line of the file of `--record-network`: the network and the encoder of a call at one moment. Names that webrtc-stats
/// has are meant as there; rates and counts are of the time since the line before.
struct NetworkSample: Codable, Equatable {
  /// The length of the headers of UDP and IPv4 in bytes; with a relay or IPv6 it is a little more.
  private static let lowerHeaders = 28

  /// Seconds since pictures could be sent.
  var time: Double
  /// What the encoder aims at, in bits per second, without headers.
  var targetBitrate: Int
  /// In bits per second with all headers, as the two that follow.
  var sentBitrate: Int
  var deliveredBitrate: Int?
  var availableOutgoingBitrate: Int?
  /// Seconds.
  var queueDelay: Double?
  var pacerBytes: Int?
  var pacerDelay: Double?
  var fractionLost: Double?
  var roundTripTime: Double?
  var frameWidth: Int
  var frameHeight: Int
  /// The mean quantizer index, 0...127; nil where no frame was encoded.
  var quantizer: Double?
  var qualityLimitationReason: String
  var framesSent: Int
  var keyFrames: Int
  var framesDropped: Int
  var probePackets: Int

  /// - Parameters:
  ///   - former: what was known `interval` seconds before; nil: nothing had been sent.
  ///   - time: seconds since the beginning.
  init(_ statistics: CallStatistics, since former: CallStatistics?, time: Double, interval: Double) {
    func rate(_ bytes: (CallStatistics) -> Int) -> Int {
      Int(Double(bytes(statistics) - (former.map(bytes) ?? 0)) * 8 / max(interval, 0.001))
    }
    func growth(_ count: (CallStatistics.OutboundRTP) -> Int) -> Int {
      count(statistics.outboundRTP) - (former.map { count($0.outboundRTP) } ?? 0)
    }
    let (outbound, path) = (statistics.outboundRTP, statistics.candidatePair)
    self.time = time
    targetBitrate = outbound.targetBitrate
    sentBitrate = rate { $0.transport.bytesSent + $0.transport.packetsSent * Self.lowerHeaders }
    deliveredBitrate = path.bytesDelivered.map { _ in rate { $0.candidatePair.bytesDelivered ?? 0 } }
    availableOutgoingBitrate = path.availableOutgoingBitrate
    queueDelay = path.queueDelay
    pacerBytes = path.pacerBytes
    pacerDelay = path.pacerDelay
    fractionLost = statistics.remoteInboundRTP?.fractionLost
    roundTripTime = statistics.roundTripTime
    frameWidth = outbound.frameWidth
    frameHeight = outbound.frameHeight
    let frames = growth(\.framesEncoded)
    quantizer = frames > 0 ? Double(growth(\.qpSum)) / Double(frames) : nil
    qualityLimitationReason = outbound.qualityLimitationReason
    framesSent = growth(\.framesSent)
    keyFrames = growth(\.keyFramesEncoded)
    framesDropped = growth(\.framesDropped)
    probePackets = growth(\.probePacketsSent)
  }
}
