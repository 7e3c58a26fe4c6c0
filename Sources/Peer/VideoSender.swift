import NIOCore
import RTP
import SRTP

/// The outgoing video of one viewer: an RTP stream with its feedback, a pacer, and the control of its congestion. It
/// never sends a frame that refers to an unsent one.
struct VideoSender: ~Copyable {
  /// The bytes for a ChannelData header before every packet (RFC 8656 section 12.4).
  static let headroom = 4
  /// The length of the headers of UDP and IPv4 in bytes; with a relay or IPv6 it is a little more.
  static let lowerHeaders = 28

  enum Event: Sendable {
    case keyFrameRequested
    case reportDue
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
  private var control: RateControl
  private var pacer = Pacer()
  private var payloadShare = PayloadShare()
  private var encoderYield = EncoderYield()
  private var target = 0.0
  /// What is still to be sent of a probe, in bytes.
  private var probeBytes = 0
  private var totalPacketSendDelay = TimeAmount.zero
  private var events = CircularBuffer<Event>()

  /// - Parameter formerRate: what the path to the same peer carried last, in bits per second.
  init(
    _ configuration: RTPStreamConfiguration, formerRate: Int? = nil, clock: SessionClock,
    generator: any RandomNumberGenerator & Sendable, now: NIODeadline
  ) {
    var configuration = configuration
    configuration.headroom = Self.headroom
    configuration.tailroom = SRTPSession.tailroom
    control = RateControl(
      hasFeedback: configuration.headerExtensions.transportWideSequenceNumber != nil, formerRate: formerRate, now: now)
    stream = RTPStream(configuration, generator: generator)
    self.clock = clock
    updateTarget(now: now)
  }

  var statistics: OutboundRTPStatistics {
    var statistics = stream.statistics
    statistics.totalPacketSendDelay = totalPacketSendDelay
    return statistics
  }
  var remoteStatistics: RemoteInboundRTPStatistics? { stream.remoteStatistics }
  /// What the path carries in bits per second.
  var availableOutgoingBitrate: Int { Int(control.availableRate) }

  /// What is known of the path besides.
  func pathStatistics(now: NIODeadline) -> PathStatistics {
    PathStatistics(
      queueDelay: .nanoseconds(Int64(control.queueDelay * 1e9)), bytesDelivered: control.bytesDelivered,
      pacerBytes: pacer.bytes, pacerDelay: pacer.oldest.map { now - $0 } ?? .zero)
  }

  /// When there is something to be sent; nil if there is nothing.
  private var mediaDue: NIODeadline? {
    pacer.isEmpty && probeBytes <= 0 ? stream.nextRetransmission : .distantPast
  }

  var deadline: NIODeadline? {
    guard let mediaDue else { return stream.deadline }
    var due = max(mediaDue, control.nextSendTime)
    if let probe = control.nextProbeTime(hasMedia: true) { due = min(due, probe) }
    return min(stream.deadline ?? due, due)
  }

  /// Skips a frame, and thereby those that refer to it.
  mutating func skip(_ frame: RTPFrame) {
    if frame.temporalLayer == 0 { needsKeyFrame = true }
  }

  /// Sends a frame as the path takes it. If it cannot be sent completely, a key frame is requested.
  mutating func send(_ frame: RTPFrame, now: NIODeadline) -> FrameOutcome {
    control.handleTimeout(now: now)
    guard frame.isKeyFrame || !needsKeyFrame else {
      stream.requestKeyFrame(now: now)
      return .dropped(.awaitsKeyFrame)
    }
    if frame.isKeyFrame { stream.forgetSentPackets() }
    encoderYield.encoded(bytes: frame.payload.readableBytes, target: target, now: now)
    defer { updateTarget(now: now) }
    switch pacer.hold(frame, rate: control.availableRate / Double(sendings(now: now)), now: now) {
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

  /// Sends the next packet that is due: a check of the round-trip time, else one that was lost, else the next of the
  /// frames that are held, else one that was sent before, as a probe.
  ///
  /// - Returns: false if none is due.
  mutating func sendNext(over transport: MediaTransport, now: NIODeadline) -> Bool {
    if let due = control.nextProbeTime(hasMedia: mediaDue != nil), due <= now {
      transport.measureRoundTrip(control.probeSent(now: now), now: now)
      return true
    }
    guard control.nextSendTime <= now else { return false }
    return retransmit(over: transport, now: now) || sendHeld(over: transport, now: now)
      || sendProbe(over: transport, now: now)
  }

  private mutating func retransmit(over transport: MediaTransport, now: NIODeadline) -> Bool {
    switch stream.pollRetransmission(now: now) {
    case .stored(let packet, let number):
      transport.resend(packet, now: now)
      if let number { control.sentAgain(number) }
      count(nil, size: packet.readableBytes, payload: 0, now: now)
    case .rtx(var packet, let number):
      _ = transport.send(&packet, now: now)
      count(number, size: packet.readableBytes, payload: 0, now: now)
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
    count(number, size: size, payload: packet.payloadSize, now: now)
    if !isSent, !needsKeyFrame {
      needsKeyFrame = true
      stream.requestKeyFrame(now: now)
    }
    if let ended {
      control.frameSent()
      probeBytes = control.takeProbe(now: now)
      events.append(.frameSent(captureTime: ended.captureTime, at: now))
    }
    return true
  }

  private mutating func sendProbe(over transport: MediaTransport, now: NIODeadline) -> Bool {
    guard probeBytes > 0 else { return false }
    guard case .rtx(var packet, let number) = stream.makeProbe(now: now) else {
      probeBytes = 0
      return false
    }
    guard transport.send(&packet, now: now) else {
      probeBytes = 0
      return false
    }
    probeBytes -= packet.readableBytes
    count(number, size: packet.readableBytes, payload: 0, isProbe: true, now: now)
    return true
  }

  private mutating func count(
    _ number: UInt16?, size: Int, payload: Int, isProbe: Bool = false, now: NIODeadline
  ) {
    let size = size + Self.lowerHeaders
    payloadShare.sent(payload: payload, of: size)
    control.sent(number, size: size, isProbe: isProbe, now: now)
  }

  /// Sound was sent on the same path, of which the picture has the rest.
  mutating func soundSent(_ size: Int, now: NIODeadline) {
    payloadShare.sent(payload: 0, of: size)
    control.sentBeside(size, now: now)
  }

  mutating func receive(_ compound: [RTCPPacket], now: NIODeadline) {
    let losses = remoteStatistics?.packetsLost ?? 0
    let requests = statistics.nackCount
    var missed: [UInt16] = []
    for case .genericNACK(let nack) in compound { stream.forEachLost(in: nack, now: now) { missed.append($0) } }
    if !missed.isEmpty {
      control.missed(missed)
      stream.packetsMissed(roundTrip: control.roundTripTime, now: now)
    }
    stream.receive(compound, roundTrip: control.roundTripTime, now: now)
    for case .transportWideFeedback(let feedback) in compound { control.receive(feedback, now: now) }
    if statistics.nackCount > requests || (remoteStatistics?.packetsLost ?? 0) > losses { control.lossReported() }
    collectStreamEvents()
    updateTarget(now: now)
  }

  mutating func pathChanged(now: NIODeadline) {
    control.pathChanged(now: now)
  }

  /// A probe was answered.
  mutating func roundTripMeasured(_ number: Int, now: NIODeadline) {
    control.receiveAnswer(to: number, now: now)
    updateTarget(now: now)
  }

  /// What is encoded next has to fit the path with what waits already, and with headers and retransmissions.
  private mutating func updateTarget(now: NIODeadline) {
    let sendings = sendings(now: now)
    let share = min(payloadShare.value, 1 / Double(sendings))
    target = control.targetRate(held: pacer.bytes * sendings, now: now) * share
    events.append(
      .targetBitrate(
        Int(target * encoderYield.correction),
        stable: Int(control.availableRate * share)))
  }

  /// How often each packet is sent.
  private func sendings(now: NIODeadline) -> Int { stream.repeatsPackets(now: now) ? 2 : 1 }

  mutating func handleTimeout(now: NIODeadline) {
    stream.handleTimeout(now: now)
  }

  mutating func pollEvent() -> Event? {
    collectStreamEvents()
    return events.popFirst()
  }

  private mutating func collectStreamEvents() {
    while let event = stream.pollEvent() {
      switch event {
      case .keyFrameRequested: events.append(.keyFrameRequested)
      case .reportDue: events.append(.reportDue)
      case .maximumBitrate(let bitrate): control.limit(toMaximumBitrate: bitrate)
      }
    }
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

  /// From 0.4, which leaves as much for retransmissions as if every packet were sent twice, to 1.
  var value: Double {
    all > 0 ? max(0.4, payload / all) : Self.usual
  }
}
