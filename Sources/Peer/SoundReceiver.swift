import NIOCore
import RTP
import SRTP

/// The incoming sound of one viewer: an RTP stream of Opus packets and what is reported of it (RFC 3550 section 6.4.2).
struct SoundReceiver: ~Copyable {
  /// That of our description.
  private let payloadType: UInt8
  /// Nothing is received any more; what was is still told of.
  private(set) var isStopped = false
  private let ssrc: UInt32
  private let canonicalName: String
  private var stream = InboundRTPStream(clockRate: Int(OpusPayloader.clockRate))
  private var schedule = RTCPReportSchedule()
  private var isReportDue = false
  /// Of 120 ms (RFC 6716 section 3.2.5) in six frames of at most 1,275 bytes.
  private static let longestPayload = 6 * 1_276 + 8

  private var generator: any RandomNumberGenerator & Sendable

  /// - Parameter ssrc: that of our own sound, which reports are sent under.
  init(
    payloadType: UInt8, ssrc: UInt32, canonicalName: String, generator: any RandomNumberGenerator & Sendable
  ) {
    self.payloadType = payloadType
    self.ssrc = ssrc
    self.canonicalName = canonicalName
    self.generator = generator
  }

  var statistics: InboundRTPStatistics { stream.statistics }
  var remoteSSRC: UInt32? { stream.ssrc }
  var deadline: NIODeadline? { isStopped ? nil : schedule.deadline }
  /// The payload type that is to be decrypted; nil if none is.
  var wantedPayloadType: UInt8? { isStopped ? nil : payloadType }

  mutating func stop() {
    isStopped = true
    isReportDue = false
  }

  /// Takes a packet that was decrypted.
  ///
  /// - Returns: nil if it is no packet of the stream.
  mutating func receive(_ packet: ByteBuffer, now: NIODeadline) -> InboundRTPPacket? {
    var payload = packet
    guard !isStopped, let header = try? RTPHeader(parsing: &payload), header.payloadType == payloadType,
      payload.readableBytes <= Self.longestPayload, let packet = stream.receive(header, payload, now: now)
    else { return nil }
    schedule.start(now: now)
    return packet
  }

  mutating func receive(_ compound: [RTCPPacket], now: NIODeadline) {
    for case .senderReport(let report) in compound { stream.receive(report, now: now) }
  }

  mutating func handleTimeout(now: NIODeadline) {
    if !isStopped, schedule.handleTimeout(now: now, using: &generator) { isReportDue = true }
  }

  /// - Parameter isToldOtherwise: the reports of our own sound have it.
  mutating func sendDueReport(isToldOtherwise: Bool, over transport: MediaTransport, now: NIODeadline) {
    guard isReportDue else { return }
    isReportDue = false
    guard !isToldOtherwise, let block = reportBlock(now: now) else { return }
    let compound = RTCPPacket.compound(
      [
        .receiverReport(ReceiverReport(ssrc: ssrc, reportBlocks: [block])),
        .sourceDescription(SourceDescription(chunks: [.init(ssrc: ssrc, canonicalName: canonicalName)])),
      ], headroom: VideoSender.headroom, tailroom: SRTPSession.tailroom)
    transport.sendControl(compound, now: now)
  }

  mutating func reportBlock(now: NIODeadline) -> ReportBlock? { isStopped ? nil : stream.reportBlock(now: now) }
}
