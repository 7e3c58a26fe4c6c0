import Call
import Capture
import NIOCore
import Streamer
import Studio

/// How a camera that is called is, at one moment: taken on the event loop when somebody asks, so that nobody pays for it
/// otherwise.
struct MetricsSnapshot: Sendable {
  /// The figures of one call that is under way.
  struct Viewer: Sendable {
    /// A small number that the next call may get again. Who it is, metrics do not tell: they are copied to other machines
    /// and kept for years, and each person would be a time series of its own.
    var number: Int
    var roundTripTime: Double?
    var fractionLost: Double?
    var availableOutgoingBitrate: Int?
    var queueDelay: Double?
    /// What the viewer is sent; nil before the first frame, and in a call for sound alone.
    var video: Video?
  }

  /// The video of one call, as its encoder makes it.
  struct Video: Sendable {
    var width: Int
    var height: Int
    /// In bits per second.
    var targetBitrate: Int
    /// As in ``CallStatistics/OutboundRTP/qualityLimitationReason``.
    var limitation: String

    init?(_ statistics: CallStatistics.OutboundRTP) {
      guard statistics.framesSent > 0 else { return nil }
      (width, height) = (statistics.frameWidth, statistics.frameHeight)
      targetBitrate = statistics.targetBitrate
      limitation = statistics.qualityLimitationReason
    }
  }

  /// The figures of the loudspeaker.
  struct Speaker: Sendable {
    /// Whether it was opened, and plays.
    var isPresent = false
    var counters = SpeakerCounters()
    /// In parts per million.
    var drift = 0.0
  }

  var isConnected = false
  var isCameraPresent = true
  /// nil if no microphone is asked for.
  var isMicrophonePresent: Bool?
  var counters = ServeCounters()
  var video = VideoCounters()
  var sound = SoundCounters()
  /// nil if none is asked for.
  var speaker: Speaker?
  var sourceFailures = 0
  /// The number of those who see the picture.
  var watching = 0
  var viewers: [Viewer] = []
  var logLinesLost = 0
  var process = ProcessUsage()
}

/// What a camera that is called has counted since it began.
struct ServeCounters: Sendable {
  /// Streams to the XMPP server, resumed ones included.
  var connections = 0
  var callsEnded: [CallSummary.Outcome: Int] = [:]
  var callsRefused: [CallAdmission.Refusal: Int] = [:]
  /// The sum over the calls that are over; a snapshot adds those under way.
  var bytesSent = 0
  var packetsSent = 0
  var soundPacketsSent = 0
  var soundPacketsReceived = 0
  var soundPacketsLost = 0
  /// In seconds.
  var soundConcealed = 0.0
  var packetsSentAgain = 0
  var probePacketsSent = 0
  var probeBytesSent = 0
  var packetSendDelay = 0.0
  var framesUnsent = 0
  /// They waited too long for a viewer's path.
  var framesLate = 0
  /// Left out for viewers whose network takes less.
  var framesThrottled = 0

  mutating func add(_ statistics: CallStatistics) {
    bytesSent += statistics.transport.bytesSent
    packetsSent += statistics.outboundRTP.packetsSent
    soundPacketsSent += statistics.sound?.packetsSent ?? 0
    soundPacketsReceived += statistics.inboundSound?.packetsReceived ?? 0
    soundPacketsLost += statistics.inboundSound?.mostPacketsLost ?? 0
    soundConcealed += statistics.inboundSound?.concealedDuration ?? 0
    packetsSentAgain += statistics.outboundRTP.retransmittedPacketsSent
    probePacketsSent += statistics.outboundRTP.probePacketsSent
    probeBytesSent += statistics.outboundRTP.probeBytesSent
    packetSendDelay += statistics.outboundRTP.totalPacketSendDelay
    framesUnsent += statistics.outboundRTP.framesDropped - statistics.outboundRTP.framesDroppedLate
    framesLate += statistics.outboundRTP.framesDroppedLate
    framesThrottled += statistics.outboundRTP.framesThrottled
  }
}
