import NIOCore
import RTP
import SRTP

/// The outgoing sound of one viewer: an RTP stream of Opus packets with its reports. Each packet leaves at once, before
/// any picture that waits, and is not sent again when it is asked for: what is late is of no use.
///
/// While the viewer reports losses, each packet is sent twice, 20 ms apart. Not all clients conceal what is lost (Dino
/// leaves a gap), and music has no FEC. SRTP's protection against replay drops what comes twice (RFC 3711 section 3.3.2).
struct SoundSender: ~Copyable {
  private var stream: RTPStream<OpusPayloader>
  private let clock: SessionClock
  private(set) var isReportDue = false
  /// The packet that was sent last, protected; nil while each is sent once.
  private var former: (packet: ByteBuffer, payload: Int)?
  private var repeatedPackets = 0
  private var repeatedBytes = 0
  /// Until when each packet is sent twice.
  private var repeatsUntil: NIODeadline?
  private var reportsReceived = 0
  /// How long nothing is sent at first.
  private let pause: TimeAmount
  /// Until when; nil before there is anything to send.
  private var pauseEnd: NIODeadline?

  /// The pause for a peer whose media have a transport each, as Dino's have. Dino queues the sound that comes while it opens
  /// its output, and plays all that follows later by as much, up to 0.25 s behind the picture.
  static let pauseWithoutBundle = TimeAmount.milliseconds(400)
  /// Fewer losses are hardly heard.
  private static let leastLoss = 0.02
  /// In bits per second: what takes less has no room for sound twice.
  private static let leastRate = 250_000
  /// What arrives the second time is not reported as lost, though the path loses as much as before.
  private static let repetition = TimeAmount.seconds(60)

  init(
    _ configuration: RTPStreamConfiguration, clock: SessionClock, pause: TimeAmount,
    generator: any RandomNumberGenerator & Sendable
  ) {
    var configuration = configuration
    configuration.headroom = VideoSender.headroom
    configuration.tailroom = SRTPSession.tailroom
    configuration.answersNACKs = false
    stream = RTPStream(configuration, generator: generator)
    self.clock = clock
    self.pause = pause
  }

  /// With what was sent twice, which counts as retransmitted.
  var statistics: OutboundRTPStatistics {
    var statistics = stream.statistics
    statistics.packetsSent += repeatedPackets
    statistics.bytesSent += repeatedBytes
    statistics.headerBytesSent += repeatedPackets * stream.headerLength
    statistics.retransmittedPacketsSent += repeatedPackets
    statistics.retransmittedBytesSent += repeatedBytes
    return statistics
  }
  var remoteStatistics: RemoteInboundRTPStatistics? { stream.remoteStatistics }
  var deadline: NIODeadline? { stream.deadline }

  /// - Parameter rate: what the path takes, in bits per second; nil if nobody knows.
  /// - Returns: the bytes that were sent, with all headers; 0 if none were.
  mutating func send(_ frame: RTPFrame, over transport: MediaTransport, rate: Int?, now: NIODeadline) -> Int {
    let pauseEnd = pauseEnd ?? now + pause
    self.pauseEnd = pauseEnd
    guard now >= pauseEnd else { return 0 }
    let isRepeated = rate ?? .max >= Self.leastRate && repeatsUntil.map { now < $0 } ?? false
    var (sent, last) = (0, ByteBuffer?.none)
    for packet in stream.packetize(frame, now: now) {
      stream.send(packet, now: now) { packet in
        guard transport.send(&packet, now: now) else { return }
        sent += packet.readableBytes + VideoSender.lowerHeaders
        if isRepeated { last = packet }
      }
    }
    if isRepeated, let former, transport.resend(former.packet, now: now) {
      sent += former.packet.readableBytes + VideoSender.lowerHeaders
      repeatedPackets += 1
      repeatedBytes += former.payload
    }
    // Without the framing of a relay, which is before it.
    last?.moveReaderIndex(to: VideoSender.headroom)
    former = last.map { ($0, frame.payload.readableBytes) }
    return sent
  }

  mutating func receive(_ compound: [RTCPPacket], now: NIODeadline) {
    stream.receive(compound, now: now)
    if let remote = stream.remoteStatistics, remote.reportsReceived != reportsReceived {
      reportsReceived = remote.reportsReceived
      if remote.fractionLost >= Self.leastLoss { repeatsUntil = now + Self.repetition }
    }
    pollReport()
  }

  mutating func handleTimeout(now: NIODeadline) {
    stream.handleTimeout(now: now)
    pollReport()
  }

  private mutating func pollReport() {
    while let event = stream.pollEvent() {
      if case .reportDue = event { isReportDue = true }
    }
  }

  /// - Parameter blocks: what is to be told of the sound that is received.
  mutating func sendDueReport(over transport: MediaTransport, with blocks: [ReportBlock], now: NIODeadline) {
    guard isReportDue else { return }
    isReportDue = false
    transport.sendControl(
      stream.report(now: now, wallClock: clock.wallClock(at: now), blocks: blocks), now: now)
  }

  func sayGoodbye(over transport: MediaTransport, now: NIODeadline) {
    transport.sendControl(stream.bye(), now: now)
  }
}
