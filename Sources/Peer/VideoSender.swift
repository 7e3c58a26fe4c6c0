import NIOCore
import RTP
import SRTP

/// The outgoing video of one viewer: an RTP stream with its feedback, and where the viewer tells how packets arrive, the
/// control of its congestion. It never sends a frame that refers to an unsent one.
struct VideoSender: ~Copyable {
  /// The bytes for a ChannelData header before every packet (RFC 8656 section 12.4).
  private static let headroom = 4
  /// A peer that has agreed to tell of arrivals and tells of none in this time does not do so.
  private static let feedbackPatience = TimeAmount.seconds(3)
  /// The length of the headers of UDP and IPv4 in bytes; with a relay or IPv6 it is a little more.
  private static let lowerHeaders = 28

  enum Event: Sendable {
    case stream(RTPStreamEvent)
    /// The rate in bits per second that is to be encoded from now on, and the same without what is to be made up for
    /// at the moment.
    case targetBitrate(Int, stable: Int)
    /// The last packet of the frame that was captured then has left.
    case frameSent(captureTime: NIODeadline, at: NIODeadline)
    /// So many frames waited too long for the path.
    case framesDropped(Int)
  }

  private var stream: RTPStream<VP8Payloader>
  private let clock: SessionClock
  /// Whether a key frame is needed, since all frames after an incomplete one refer to it.
  private var needsKeyFrame = true
  /// nil where the viewer's client has no transport-wide feedback: then frames leave at once.
  private var congestion: CongestionController?
  private var pacer = Pacer()
  private var firstSent: NIODeadline?
  private var payloadShare = PayloadShare()
  private var encoderYield = EncoderYield()
  private var target = 0.0
  private var totalPacketSendDelay = TimeAmount.zero
  private var events = CircularBuffer<Event>()

  init(
    _ configuration: RTPStreamConfiguration, clock: SessionClock, generator: any RandomNumberGenerator & Sendable,
    now: NIODeadline
  ) {
    var configuration = configuration
    configuration.headroom = Self.headroom
    configuration.tailroom = SRTPSession.tailroom
    let hasFeedback = configuration.headerExtensions.transportWideSequenceNumber != nil
    stream = RTPStream(configuration, generator: generator)
    self.clock = clock
    congestion = hasFeedback ? CongestionController(now: now) : nil
    updateTarget(now: now)
  }

  var statistics: OutboundRTPStatistics {
    var statistics = stream.statistics
    statistics.totalPacketSendDelay = totalPacketSendDelay
    return statistics
  }
  var remoteStatistics: RemoteInboundRTPStatistics? { stream.remoteStatistics }
  /// What the path carries in bits per second; nil without feedback.
  var availableOutgoingBitrate: Int? { congestion.map { Int($0.availableRate) } }
  /// What is known of the path besides; nil without feedback.
  func pathStatistics(now: NIODeadline) -> PathStatistics? {
    congestion.map {
      PathStatistics(
        queueDelay: .nanoseconds(Int64($0.queueDelay * 1e9)), bytesDelivered: $0.bytesDelivered,
        pacerBytes: pacer.bytes, pacerDelay: pacer.oldest.map { now - $0 } ?? .zero)
    }
  }

  var deadline: NIODeadline? {
    guard let congestion, !pacer.isEmpty || stream.hasRetransmissions else { return stream.deadline }
    let due = congestion.nextSendTime
    return min(stream.deadline ?? due, due)
  }

  /// Skips a frame, and thereby those that refer to it.
  mutating func skip(_ frame: RTPFrame) {
    if frame.temporalLayer == 0 { needsKeyFrame = true }
  }

  /// Sends a frame, at once or as the path takes it. If it cannot be sent completely, a key frame is requested.
  mutating func send(_ frame: RTPFrame, over transport: MediaTransport, now: NIODeadline) -> FrameOutcome {
    doWithoutFeedback(now: now)
    guard frame.isKeyFrame || !needsKeyFrame else {
      stream.requestKeyFrame(now: now)
      return .dropped(.awaitsKeyFrame)
    }
    guard let congestion else { return sendAtOnce(frame, over: transport, now: now) }
    if frame.isKeyFrame { stream.forgetSentPackets() }
    encoderYield.encoded(bytes: frame.payload.readableBytes, target: target, now: now)
    defer { updateTarget(now: now) }
    switch pacer.hold(frame, rate: congestion.availableRate, now: now) {
    case .all(let count):
      events.append(.framesDropped(count - 1))
      needsKeyFrame = true
      stream.requestKeyFrame(now: now)
      return .dropped(.late)
    case .enhancements(let count), .overtaken(let count): events.append(.framesDropped(count))
    case .nothing: break
    }
    needsKeyFrame = false
    return .sent
  }

  /// Some part of a peer's side may agree to feedback that another does not send. Then nothing is known of the path.
  private mutating func doWithoutFeedback(now: NIODeadline) {
    guard let congestion, !congestion.hasFeedback, let firstSent, now - firstSent > Self.feedbackPatience else {
      return
    }
    self.congestion = nil
    if !pacer.isEmpty {
      pacer = Pacer()
      needsKeyFrame = true
      stream.requestKeyFrame(now: now)
    }
    events.append(.targetBitrate(.max, stable: .max))
  }

  private mutating func sendAtOnce(
    _ frame: RTPFrame, over transport: MediaTransport, now: NIODeadline
  ) -> FrameOutcome {
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
    events.append(.frameSent(captureTime: frame.captureTime, at: now))
    return .sent
  }

  /// Sends the next packet that is due: one that was lost, else the next of the frames that are held.
  ///
  /// - Returns: false if none is due.
  mutating func sendNext(over transport: MediaTransport, now: NIODeadline) -> Bool {
    if let congestion, congestion.nextSendTime > now { return false }
    return retransmit(over: transport, now: now) || sendHeld(over: transport, now: now)
  }

  private mutating func retransmit(over transport: MediaTransport, now: NIODeadline) -> Bool {
    switch stream.pollRetransmission(now: now) {
    case .stored(let packet): transport.resend(packet, now: now)
    case .rtx(var packet, let number):
      _ = transport.send(&packet, now: now)
      count(number, size: packet.readableBytes + Self.lowerHeaders, payload: 0, now: now)
    case nil: return false
    }
    return true
  }

  private mutating func sendHeld(over transport: MediaTransport, now: NIODeadline) -> Bool {
    guard
      let (packet, heldSince, ended) = pacer.popPacket(packetize: { stream.packetize($0, now: now) })
    else { return false }
    totalPacketSendDelay = totalPacketSendDelay + (now - heldSince)
    var isSent = false
    var size = 0
    let number = stream.send(packet, now: now) { packet in
      isSent = transport.send(&packet, now: now)
      size = packet.readableBytes
    }
    count(number, size: size + Self.lowerHeaders, payload: packet.payloadSize, now: now)
    if !isSent, !needsKeyFrame {
      needsKeyFrame = true
      stream.requestKeyFrame(now: now)
    }
    if let ended { events.append(.frameSent(captureTime: ended.captureTime, at: now)) }
    return true
  }

  private mutating func count(_ number: UInt16?, size: Int, payload: Int, now: NIODeadline) {
    payloadShare.sent(payload: payload, of: size)
    firstSent = firstSent ?? now
    if let number { congestion?.sent(number, size: size, now: now) }
  }

  mutating func receive(_ compound: [RTCPPacket], now: NIODeadline) {
    stream.receive(compound, now: now)
    for case .transportWideFeedback(let feedback) in compound { congestion?.receive(feedback, now: now) }
    updateTarget(now: now)
  }

  /// What is encoded next has to fit the path with what waits already, and with headers and retransmissions.
  private mutating func updateTarget(now: NIODeadline) {
    guard let congestion else { return }
    let share = payloadShare.value
    target = congestion.targetRate(held: pacer.bytes, now: now) * share
    events.append(
      .targetBitrate(
        Int(target * encoderYield.correction),
        stable: Int(congestion.availableRate * share)))
  }

  mutating func handleTimeout(now: NIODeadline) {
    stream.handleTimeout(now: now)
  }

  mutating func pollEvent() -> Event? {
    if let event = events.popFirst() { return event }
    while let event = stream.pollEvent() {
      // A REMB says less than the feedback that the control of congestion has.
      if case .maximumBitrate = event, congestion != nil { continue }
      return .stream(event)
    }
    return nil
  }

  mutating func sendReport(over transport: MediaTransport, now: NIODeadline) {
    transport.sendControl(stream.report(now: now, wallClock: clock.wallClock(at: now)), now: now)
  }

  func sayGoodbye(over transport: MediaTransport, now: NIODeadline) {
    transport.sendControl(stream.bye(), now: now)
  }
}

/// The share of new payload in what is sent: the rest is headers and retransmissions.
struct PayloadShare: Sendable {
  /// The bytes over which it is taken: a second at 1 Mbit/s.
  private static let window = 128.0 * 1024
  private var payload = 0.0
  private var all = 0.0

  mutating func sent(payload: Int, of size: Int) {
    let kept = 1 - Double(size) / Self.window
    self.payload = self.payload * kept + Double(payload)
    all = all * kept + Double(size)
  }

  /// The share of payload in packets of full size.
  private static let usual = 0.93

  /// From 0.5, which leaves as much for retransmissions as their budget allows, to 1.
  var value: Double {
    all > 0 ? max(0.5, payload / all) : Self.usual
  }
}
