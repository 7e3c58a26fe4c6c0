import NIOCore

/// One outgoing stream of media in one payload format (RFC 3550): frames become packets, and the peer's feedback
/// becomes key frame requests, retransmissions and statistics.
package struct RTPStream<Payloader: RTPPayloader>: ~Copyable, Sendable {
  package let configuration: RTPStreamConfiguration
  package internal(set) var statistics = OutboundRTPStatistics()
  /// How the peer receives the stream; nil until it has reported.
  package internal(set) var remoteStatistics: RemoteInboundRTPStatistics?

  var generator: any RandomNumberGenerator & Sendable
  var payloader: Payloader
  var clock: RTPMediaClock
  var nextSequenceNumber: UInt16
  var nextRTXSequenceNumber: UInt16
  /// It counts the packets of the whole transport, of which this stream with its retransmissions is the only one.
  private var nextTransportWideSequenceNumber: UInt16 = 0
  /// The length of every RTP header with its extensions in bytes.
  package let headerLength: Int
  var history: RetransmissionHistory
  var budget = RetransmissionBudget()
  var keyFrameRequests = KeyFrameRequests()
  var maximumBitrate = MaximumBitrateEstimate()
  var reports = SenderReports()
  private var playoutDelay = PlayoutDelay()
  /// nil where transport-wide feedback tells what has arrived.
  var firstKeyFrames: FirstKeyFrames?
  var repetition = UnrequestedRepetition()

  package init(_ configuration: RTPStreamConfiguration, generator: any RandomNumberGenerator & Sendable) {
    var generator = generator
    self.configuration = configuration
    headerLength =
      RTPHeader.length
      + configuration.headerExtensions.elements(
        transportWideSequenceNumber: 0, playoutDelay: playoutDelay, sentAt: .distantPast
      ).encodedLength
    payloader = Payloader(using: &generator)
    clock = RTPMediaClock(
      rate: Payloader.clockRate, offset: UInt32.random(in: 0...UInt32.max, using: &generator))
    // Numbers begin in the lower half of their range: a receiver that loses the first packets must not mistake a
    // wrapped number for the first one, or its SRTP rollover counter would be wrong from the start (RFC 3711 section
    // 3.3.1).
    let firstSequenceNumbers: ClosedRange<UInt16> = 0...0x7FFF
    nextSequenceNumber = UInt16.random(in: firstSequenceNumbers, using: &generator)
    nextRTXSequenceNumber = UInt16.random(in: firstSequenceNumbers, using: &generator)
    history = RetransmissionHistory(firstSequenceNumber: nextSequenceNumber)
    firstKeyFrames = configuration.headerExtensions.transportWideSequenceNumber == nil ? FirstKeyFrames() : nil
    self.generator = generator
  }

  /// Splits a frame into packets, which are passed to ``send(_:now:transmit:)`` in their order, at once or later.
  package mutating func packetize(_ frame: RTPFrame, now: NIODeadline) -> RTPPackets {
    let length = frame.payload.readableBytes
    let fragments = payloader.fragments(ofFrameWithLength: length, maximumPayloadSize: maximumPayloadSize)
    guard length > 0 else { return RTPPackets(fragments, of: frame.payload, timestamp: clock.timestamp(at: now)) }
    statistics.framesSent += 1
    if frame.isKeyFrame {
      statistics.keyFramesSent += 1
      keyFrameRequests.keyFrameSent()
      repetition.keyFrameSent(now: now)
      firstKeyFrames?.keyFrameSent(nextSequenceNumber &+ UInt16(truncatingIfNeeded: fragments.count - 1), now: now)
    }
    reports.frameSent(now: now)
    return RTPPackets(
      fragments, of: frame.payload, timestamp: clock.timestamp(at: frame.captureTime),
      marksLast: Payloader.marksLastPacket)
  }

  /// Numbers and writes a packet, and stores it for retransmission.
  ///
  /// - Parameter transmit: protects and frames the packet in place and sends it. The packet is alone in its buffer with
  ///   the configured room around it. What is left in the buffer, from the packet's first byte on, is stored for
  ///   retransmission, without framing in the headroom; an emptied buffer is not stored.
  /// - Returns: the transport-wide sequence number, by which feedback will name the packet; nil if it has none.
  @discardableResult
  package mutating func send(
    _ packet: RTPPacket, now: NIODeadline, transmit: (_ packet: inout ByteBuffer) -> Void
  ) -> UInt16? {
    let sequenceNumber = nextSequenceNumber
    nextSequenceNumber &+= 1
    var buffer = ByteBuffer.packet(
      headroom: configuration.headroom,
      capacity: headerLength + packet.payloadSize + configuration.tailroom)
    let header = RTPHeader(
      marker: packet.marker, payloadType: configuration.payloadType, sequenceNumber: sequenceNumber,
      timestamp: packet.timestamp, ssrc: configuration.ssrc)
    let transportWideSequenceNumber = write(header, to: &buffer, now: now)
    packet.payloadHeader.write(to: &buffer)
    buffer.writeImmutableBuffer(packet.fragment)
    transmit(&buffer)
    countSent(payload: packet.payloadSize)
    guard configuration.answersNACKs else { return transportWideSequenceNumber }
    budget.earn(bySending: headerLength + packet.payloadSize)
    keep(
      buffer, of: packet, sequenceNumber: sequenceNumber, transportWideSequenceNumber: transportWideSequenceNumber,
      now: now)
    return transportWideSequenceNumber
  }

  /// Writes a header with its extensions.
  ///
  /// - Returns: the transport-wide sequence number; nil if the header has none.
  mutating func write(_ header: RTPHeader, to packet: inout ByteBuffer, now: NIODeadline) -> UInt16? {
    let number = nextTransportWideSequenceNumber
    var header = header
    header.extensions = configuration.headerExtensions.elements(
      transportWideSequenceNumber: number, playoutDelay: playoutDelay, sentAt: now)
    header.write(to: &packet)
    guard configuration.headerExtensions.transportWideSequenceNumber != nil else { return nil }
    nextTransportWideSequenceNumber &+= 1
    return number
  }

  /// The receiver has missed packets, which come a round trip late.
  ///
  /// - Parameter roundTrip: in seconds, with the time that packets wait.
  package mutating func packetsMissed(roundTrip: Double, now: NIODeadline) {
    playoutDelay.packetsMissed(roundTrip: roundTrip, now: now)
  }

  package mutating func handleTimeout(now: NIODeadline) {
    playoutDelay.update(now: now)
    reports.handleTimeout(now: now, using: &generator)
    keyFrameRequests.handleTimeout(now: now)
    if firstKeyFrames?.handleTimeout(now: now) == true { keyFrameRequests.request(now: now) }
    maximumBitrate.handleTimeout(now: now)
    history.removeExpired(now: now)
  }

  package var deadline: NIODeadline? {
    var earliest = reports.deadline
    if let request = keyFrameRequests.deadline { earliest = min(earliest ?? request, request) }
    if let end = maximumBitrate.deadline { earliest = min(earliest ?? end, end) }
    if let keyFrame = firstKeyFrames?.deadline { earliest = min(earliest ?? keyFrame, keyFrame) }
    return earliest
  }

  package mutating func pollEvent() -> RTPStreamEvent? {
    if keyFrameRequests.poll() { return .keyFrameRequested }
    if let change = maximumBitrate.poll() { return change }
    return reports.poll() ? .reportDue : nil
  }

  /// Whether a lost packet is sent again with a number of its own (RFC 4588), and not unchanged.
  package var hasRetransmissionStream: Bool { configuration.rtx != nil }

  /// The largest payload behind the RTP header in bytes; with RTX it is two bytes smaller, so that the retransmission
  /// fits too.
  private var maximumPayloadSize: Int {
    configuration.maximumPacketSize - headerLength
      - (configuration.rtx == nil ? 0 : Self.originalSequenceNumberLength)
  }

  func isOurs(_ ssrc: UInt32) -> Bool {
    ssrc == configuration.ssrc
  }

  mutating func countSent(payload: Int) {
    statistics.packetsSent += 1
    statistics.bytesSent += payload
    statistics.headerBytesSent += headerLength
  }
}

package enum RTPStreamEvent: Equatable, Sendable {
  /// The peer requests a key frame by PLI or FIR. This occurs at most once in 300 ms; a request that came too early is
  /// reported later.
  case keyFrameRequested
  /// The bitrate of a REMB in bits per second, whenever it changes; nil if the peer does not repeat it any more. It may be
  /// absurdly low; the encoder's control has a lower limit.
  case maximumBitrate(Int?)
  /// ``RTPStream/report(now:wallClock:)`` is due. The next report is scheduled already.
  case reportDue
}

package enum RTPRetransmission: Equatable, Sendable {
  /// The packet as it was sent first, to be sent byte for byte and never protected again. It cannot have another
  /// transport-wide sequence number: feedback tells that the old one has arrived, and not when it was sent again.
  case stored(ByteBuffer, transportWideSequenceNumber: UInt16?)
  /// A new packet of the RTX stream, which has to be protected, and its transport-wide sequence number, if it has one.
  case rtx(ByteBuffer, transportWideSequenceNumber: UInt16?)
}
