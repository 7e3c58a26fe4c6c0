import NIOCore

extension RTPVideoSender {
  /// OSN (RFC 4588 section 4).
  static let originalSequenceNumberLength = 2
  /// Assumed until a round trip was measured.
  private static let initialRoundTripTime = TimeAmount.milliseconds(100)
  /// A peer could claim a round trip of nothing and have a packet sent again for each NACK.
  private static let minimumResendInterval = TimeAmount.milliseconds(10)

  /// The next packet that the peer missed; nil when there is none, or none that the budget allows. To be called until
  /// nil after NACKs came in.
  package mutating func pollRetransmission(now: NIODeadline) -> Retransmission? {
    var budget = budget
    var suppressed = 0
    let missed = history.popRequested(now: now) { packet in
      let isAffordable = budget.spend(RTPHeader.length + packet.payloadSize)
      suppressed += isAffordable ? 0 : 1
      return isAffordable
    }
    self.budget = budget
    statistics.retransmissionsSuppressed += suppressed
    guard let missed else { return nil }
    guard let rtx = configuration.rtx else {
      countSentAgain(payload: missed.payloadSize)
      return .stored(missed.contents)
    }
    countSentAgain(payload: missed.payloadSize + Self.originalSequenceNumberLength)
    return .rtx(retransmissionPacket(for: missed, rtx))
  }

  /// - Returns: how many packets were looked for.
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

  mutating func keep(
    _ packet: ByteBuffer, piece: ByteBuffer, of fragment: VP8Fragments.Fragment, header: RTPHeader, now: NIODeadline
  ) {
    guard packet.readableBytes > 0 else { return }
    var contents = piece
    if configuration.rtx == nil {
      contents = packet
      contents.moveReaderIndex(to: configuration.headroom)
    }
    history.store(
      RetransmissionHistory.Packet(
        sequenceNumber: header.sequenceNumber, timestamp: header.timestamp, marker: header.marker,
        descriptor: fragment.descriptor, payloadSize: fragment.descriptor.encodedLength + piece.readableBytes,
        contents: contents, sentAt: now))
  }

  /// RFC 4588 section 4: the original's timestamp and marker, its own SSRC, payload type and sequence, and before the
  /// original payload the original sequence number.
  private mutating func retransmissionPacket(
    for missed: RetransmissionHistory.Packet, _ rtx: Configuration.RTX
  ) -> ByteBuffer {
    var packet = ByteBuffer.packet(
      headroom: configuration.headroom,
      capacity: RTPHeader.length + Self.originalSequenceNumberLength + missed.payloadSize + configuration.tailroom)
    RTPHeader(
      marker: missed.marker, payloadType: rtx.payloadType, sequenceNumber: nextRTXSequenceNumber,
      timestamp: missed.timestamp, ssrc: rtx.ssrc
    ).write(to: &packet)
    packet.writeInteger(missed.sequenceNumber)
    missed.descriptor.write(to: &packet)
    packet.writeImmutableBuffer(missed.contents)
    nextRTXSequenceNumber &+= 1
    return packet
  }

  private mutating func countSentAgain(payload: Int) {
    countSent(payload: payload)
    statistics.retransmittedPacketsSent += 1
    statistics.retransmittedBytesSent += payload
  }
}
