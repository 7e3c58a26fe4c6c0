import NIOCore

extension RTPStream {
  // Computed: generic types have no stored ones.

  /// The length of the original sequence number, OSN (RFC 4588 section 4), in bytes.
  static var originalSequenceNumberLength: Int { 2 }
  /// Assumed until a round trip was measured.
  private static var initialRoundTripTime: TimeAmount { .milliseconds(100) }
  /// A peer could claim a round trip of nothing and have a packet sent again for each NACK.
  private static var minimumResendInterval: TimeAmount { .milliseconds(10) }

  /// The next packet that the peer missed; nil when there is none, or none that the budget allows. To be called until
  /// nil after NACKs came in.
  package mutating func pollRetransmission(now: NIODeadline) -> RTPRetransmission? {
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
    switch missed.contents {
    case .protected(let packet):
      countSentAgain(payload: missed.payloadSize)
      return .stored(packet)
    case .unprotected(let packet):
      guard let rtx = configuration.rtx else { preconditionFailure("without RTX packets are kept protected") }
      countSentAgain(payload: missed.payloadSize + Self.originalSequenceNumberLength)
      return .rtx(retransmissionPacket(for: packet, missed.sequenceNumber, rtx))
    }
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

  /// - Parameter buffer: `packet` as it was sent; empty if it could not be protected.
  mutating func keep(_ buffer: ByteBuffer, of packet: RTPPacket, sequenceNumber: UInt16, now: NIODeadline) {
    guard buffer.readableBytes > 0 else { return }
    var contents = RetransmissionHistory.Contents.unprotected(packet)
    if configuration.rtx == nil {
      var buffer = buffer
      buffer.moveReaderIndex(to: configuration.headroom)
      contents = .protected(buffer)
    }
    history.store(
      RetransmissionHistory.Entry(
        sequenceNumber: sequenceNumber, contents: contents, payloadSize: packet.payloadSize, sentAt: now))
  }

  /// RFC 4588 section 4: the original's timestamp and marker, its own SSRC, payload type and sequence, and before the
  /// original payload the original sequence number.
  private mutating func retransmissionPacket(
    for missed: RTPPacket, _ originalSequenceNumber: UInt16, _ rtx: RTPStreamConfiguration.RTX
  ) -> ByteBuffer {
    var buffer = ByteBuffer.packet(
      headroom: configuration.headroom,
      capacity: RTPHeader.length + Self.originalSequenceNumberLength + missed.payloadSize + configuration.tailroom)
    RTPHeader(
      marker: missed.marker, payloadType: rtx.payloadType, sequenceNumber: nextRTXSequenceNumber,
      timestamp: missed.timestamp, ssrc: rtx.ssrc
    ).write(to: &buffer)
    buffer.writeInteger(originalSequenceNumber)
    missed.writePayload(to: &buffer)
    nextRTXSequenceNumber &+= 1
    return buffer
  }

  private mutating func countSentAgain(payload: Int) {
    countSent(payload: payload)
    statistics.retransmittedPacketsSent += 1
    statistics.retransmittedBytesSent += payload
  }
}
