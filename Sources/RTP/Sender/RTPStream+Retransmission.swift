import NIOCore

extension RTPStream {
  // These are computed because generic types have no stored static properties.

  /// The length of the original sequence number, OSN (RFC 4588 section 4), in bytes.
  static var originalSequenceNumberLength: Int { 2 }
  /// The round-trip time that is assumed until one was measured.
  private static var initialRoundTripTime: TimeAmount { .milliseconds(100) }
  /// The shortest time between two retransmissions of a packet. Without it, a peer that claims a round-trip time of
  /// zero would get the packet again for each NACK.
  private static var minimumResendInterval: TimeAmount { .milliseconds(10) }

  /// When ``pollRetransmission(now:)`` is to be called; nil if nothing is to be sent again.
  package var nextRetransmission: NIODeadline? { history.nextRequest }

  /// Whether every packet is sent twice, unrequested: never to a peer that has ever requested one.
  package func repeatsPackets(now: NIODeadline) -> Bool { statistics.nackCount == 0 && repetition.isOn(now: now) }

  /// Sends none of the packets again that were sent so far: a key frame follows, for which they would have to wait.
  package mutating func forgetSentPackets() {
    history.forgetAll()
  }

  /// Calls `body` with the transport-wide sequence numbers of the packets that are requested, as far as they are known.
  package func forEachLost(in nack: GenericNACK, now: NIODeadline, _ body: (UInt16) -> Void) {
    guard isOurs(nack.mediaSSRC) else { return }
    for sequenceNumber in nack.lostPackets.prefix(RetransmissionHistory.maximumPackets) {
      if let number = history.transportWideSequenceNumber(of: sequenceNumber, now: now) { body(number) }
    }
  }

  /// Returns the next lost packet, or the next copy of one that was sent again; nil if there is none, or none that the
  /// budget allows. It must be called until nil after NACKs were received.
  package mutating func pollRetransmission(now: NIODeadline) -> RTPRetransmission? {
    var budget = budget
    let headerLength = headerLength
    var suppressed = 0
    let requested = history.popRequested(now: now) { packet in
      let isAffordable = budget.spend(headerLength + packet.payloadSize)
      suppressed += isAffordable ? 0 : 1
      return isAffordable
    }
    let isRepeating = repeatsPackets(now: now)
    let missed =
      requested
      ?? history.popCopy(now: now) { isRepeating || budget.spendOnCopy(headerLength + $0.payloadSize) }
    self.budget = budget
    statistics.retransmissionsSuppressed += suppressed
    guard let missed else { return nil }
    guard let rtx = configuration.rtx else {
      countSentAgain(payload: missed.payloadSize)
      return .stored(missed.contents, transportWideSequenceNumber: missed.transportWideSequenceNumber)
    }
    countSentAgain(payload: missed.payloadSize + Self.originalSequenceNumberLength)
    return retransmission(of: missed, rtx, now: now)
  }

  /// Returns a packet that was sent before as an RTX packet, to find out what the path takes where there is too little
  /// else to send; nil where RTX is not agreed, or nothing is kept.
  package mutating func makeProbe(now: NIODeadline) -> RTPRetransmission? {
    guard let rtx = configuration.rtx, let packet = history.longest(now: now) else { return nil }
    let payload = packet.payloadSize + Self.originalSequenceNumberLength
    countSent(payload: payload)
    statistics.probePacketsSent += 1
    statistics.probeBytesSent += payload
    return retransmission(of: packet, rtx, now: now)
  }

  /// - Returns: the number of packets that were looked up.
  mutating func requestRetransmissions(_ nack: GenericNACK, limit: Int, now: NIODeadline) -> Int {
    let interval = max(remoteStatistics?.roundTripTime ?? Self.initialRoundTripTime, Self.minimumResendInterval)
    var count = 0
    for sequenceNumber in nack.lostPackets.prefix(limit) {
      count += 1
      if !history.request(sequenceNumber, notWithin: interval, now: now) {
        statistics.retransmissionsSuppressed += 1
      }
    }
    return count
  }

  /// - Parameter buffer: `packet` as it was sent; empty if it could not be protected.
  mutating func keep(
    _ buffer: ByteBuffer, of packet: RTPPacket, sequenceNumber: UInt16, transportWideSequenceNumber: UInt16?,
    now: NIODeadline
  ) {
    guard buffer.readableBytes > 0 else { return }
    var contents = packet.fragment
    if configuration.rtx == nil {
      contents = buffer
      contents.moveReaderIndex(to: configuration.headroom)
    }
    history.store(
      RetransmissionHistory.Entry(
        sequenceNumber: sequenceNumber, timestamp: packet.timestamp, marker: packet.marker,
        payloadHeader: packet.payloadHeader, payloadSize: packet.payloadSize,
        transportWideSequenceNumber: transportWideSequenceNumber, contents: contents, sentAt: now),
      isRepeated: repeatsPackets(now: now))
  }

  /// Makes an RTX packet (RFC 4588 section 4): it has the original's timestamp and marker, its own SSRC, payload type
  /// and sequence number, and the original sequence number before the original payload.
  private mutating func retransmission(
    of missed: RetransmissionHistory.Entry, _ rtx: RTPStreamConfiguration.RTX, now: NIODeadline
  ) -> RTPRetransmission {
    var packet = ByteBuffer.packet(
      headroom: configuration.headroom,
      capacity: headerLength + Self.originalSequenceNumberLength + missed.payloadSize + configuration.tailroom)
    let header = RTPHeader(
      marker: missed.marker, payloadType: rtx.payloadType, sequenceNumber: nextRTXSequenceNumber,
      timestamp: missed.timestamp, ssrc: rtx.ssrc)
    let transportWideSequenceNumber = write(header, to: &packet, now: now)
    packet.writeInteger(missed.sequenceNumber)
    missed.payloadHeader.write(to: &packet)
    packet.writeImmutableBuffer(missed.contents)
    nextRTXSequenceNumber &+= 1
    return .rtx(packet, transportWideSequenceNumber: transportWideSequenceNumber)
  }

  private mutating func countSentAgain(payload: Int) {
    countSent(payload: payload)
    statistics.retransmittedPacketsSent += 1
    statistics.retransmittedBytesSent += payload
  }
}
