import NIOCore
import RTP
import SRTP

/// The outgoing sound of one viewer: an RTP stream of Opus packets with its reports. Each packet leaves at once, before
/// any picture that waits, and is never sent again: what is late is of no use, and Opus makes up for what is lost.
struct SoundSender: ~Copyable {
  private var stream: RTPStream<OpusPayloader>
  private let clock: SessionClock
  private var isReportDue = false

  init(
    _ configuration: RTPStreamConfiguration, clock: SessionClock, generator: any RandomNumberGenerator & Sendable
  ) {
    var configuration = configuration
    configuration.headroom = VideoSender.headroom
    configuration.tailroom = SRTPSession.tailroom
    configuration.answersNACKs = false
    stream = RTPStream(configuration, generator: generator)
    self.clock = clock
  }

  var statistics: OutboundRTPStatistics { stream.statistics }
  var remoteStatistics: RemoteInboundRTPStatistics? { stream.remoteStatistics }
  var deadline: NIODeadline? { stream.deadline }

  /// - Returns: the bytes that were sent, with all headers; 0 if none were.
  mutating func send(_ frame: RTPFrame, over transport: MediaTransport, now: NIODeadline) -> Int {
    var sent = 0
    for packet in stream.packetize(frame, now: now) {
      stream.send(packet, now: now) { packet in
        if transport.send(&packet, now: now) { sent += packet.readableBytes + VideoSender.lowerHeaders }
      }
    }
    return sent
  }

  mutating func receive(_ compound: [RTCPPacket], now: NIODeadline) {
    stream.receive(compound, now: now)
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

  mutating func sendDueReport(over transport: MediaTransport, now: NIODeadline) {
    guard isReportDue else { return }
    isReportDue = false
    transport.sendControl(stream.report(now: now, wallClock: clock.wallClock(at: now)), now: now)
  }

  func sayGoodbye(over transport: MediaTransport, now: NIODeadline) {
    transport.sendControl(stream.bye(), now: now)
  }
}
