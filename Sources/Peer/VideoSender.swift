import NIOCore
import RTP
import SRTP

/// The outgoing video of one viewer: an RTP stream with its feedback. It never sends a frame that refers to an unsent
/// one.
struct VideoSender: ~Copyable {
  /// The bytes for a ChannelData header before every packet (RFC 8656 section 12.4).
  private static let headroom = 4

  private var stream: RTPStream<VP8Payloader>
  private let clock: SessionClock
  /// Whether a key frame is needed, since all frames after an incomplete one refer to it.
  private var needsKeyFrame = true

  init(
    _ configuration: RTPStreamConfiguration, clock: SessionClock, generator: any RandomNumberGenerator & Sendable
  ) {
    var configuration = configuration
    configuration.headroom = Self.headroom
    configuration.tailroom = SRTPSession.tailroom
    stream = RTPStream(configuration, generator: generator)
    self.clock = clock
  }

  var statistics: OutboundRTPStatistics { stream.statistics }
  var remoteStatistics: RemoteInboundRTPStatistics? { stream.remoteStatistics }
  var deadline: NIODeadline? { stream.deadline }

  /// Skips a frame, and thereby those that refer to it.
  mutating func skip(_ frame: RTPFrame) {
    if frame.temporalLayer == 0 { needsKeyFrame = true }
  }

  /// Packetizes, protects and sends a frame. If it cannot be sent completely, a key frame is requested.
  mutating func send(_ frame: RTPFrame, over transport: MediaTransport, now: NIODeadline) -> FrameOutcome {
    guard frame.isKeyFrame || !needsKeyFrame else {
      stream.requestKeyFrame(now: now)
      return .dropped(.awaitsKeyFrame)
    }
    var isWhole = true
    for packet in stream.packetize(frame, now: now) {
      stream.send(packet, now: now) { packet in
        if !transport.send(&packet, now: now) { isWhole = false }
      }
    }
    needsKeyFrame = !isWhole
    guard isWhole else {
      stream.requestKeyFrame(now: now)
      return .dropped(.incomplete)
    }
    return .sent
  }

  mutating func receive(_ compound: [RTCPPacket], now: NIODeadline) {
    stream.receive(compound, now: now)
  }

  /// Sends the next lost packet again; returns false if there is none.
  mutating func retransmit(over transport: MediaTransport, now: NIODeadline) -> Bool {
    switch stream.pollRetransmission(now: now) {
    case .stored(let packet): transport.resend(packet, now: now)
    case .rtx(var packet, _): _ = transport.send(&packet, now: now)
    case nil: return false
    }
    return true
  }

  mutating func handleTimeout(now: NIODeadline) {
    stream.handleTimeout(now: now)
  }

  mutating func pollEvent() -> RTPStreamEvent? {
    stream.pollEvent()
  }

  mutating func sendReport(over transport: MediaTransport, now: NIODeadline) {
    transport.sendControl(stream.report(now: now, wallClock: clock.wallClock(at: now)), now: now)
  }

  func sayGoodbye(over transport: MediaTransport, now: NIODeadline) {
    transport.sendControl(stream.bye(), now: now)
  }
}
