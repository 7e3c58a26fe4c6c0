import NIOCore

/// One outgoing video stream (RFC 3550, RFC 7741): frames become packets, the peer's feedback becomes key frame
/// requests, retransmissions and statistics.
package struct RTPVideoSender: ~Copyable, Sendable {
  package enum Event: Equatable, Sendable {
    /// By PLI or FIR; at most one in 300 ms, a request that came too early follows later.
    case keyFrameRequested
    /// By REMB, in bits a second, whenever it changes. It may be absurdly small: who steers the encoder has a floor.
    case maximumBitrate(Int)
    /// Time for `report(now:wallClock:)`. The next one is already set.
    case reportDue
  }

  package enum Retransmission: Equatable, Sendable {
    /// What `emit` left in the buffer: to be sent byte for byte, never protected again.
    case stored(ByteBuffer)
    /// A new packet of the RTX stream, to be protected.
    case rtx(ByteBuffer)
  }

  package let configuration: Configuration
  package internal(set) var statistics = OutboundRTPStatistics()
  /// nil until the peer has reported on this stream.
  package internal(set) var remoteStatistics: RemoteInboundRTPStatistics?

  var generator: any RandomNumberGenerator & Sendable
  var payloader: VP8Payloader
  var clock: RTPMediaClock
  var nextSequenceNumber: UInt16
  var nextRTXSequenceNumber: UInt16
  var history: RetransmissionHistory
  var budget = RetransmissionBudget()
  var keyFrameRequests = KeyFrameRequestLimiter()
  var lastFullIntraRequest: (senderSSRC: UInt32, sequenceNumber: UInt8)?
  var reportSchedule = RTCPReportSchedule()
  var sentReports = SenderReportLog()
  var reportsSinceLastFrame = 0
  var maximumBitrate: Int?
  /// Each kind of event is kept at most once, so that nothing here can grow.
  var pendingKeyFrameRequest = false
  var pendingMaximumBitrate: Int?
  var pendingReport = false

  package init(_ configuration: Configuration, generator: any RandomNumberGenerator & Sendable) {
    var generator = generator
    self.configuration = configuration
    payloader = VP8Payloader(firstPictureID: UInt16.random(in: 0...0x7FFF, using: &generator))
    clock = RTPMediaClock(
      rate: configuration.clockRate, offset: UInt32.random(in: 0...UInt32.max, using: &generator))
    // Half of the space only: a receiver that loses the first packets must not mistake a wrapped number for the first
    // one, or its SRTP rollover counter is wrong from the start (RFC 3711 section 3.3.1).
    let firstSequenceNumbers: ClosedRange<UInt16> = 0...0x7FFF
    nextSequenceNumber = UInt16.random(in: firstSequenceNumbers, using: &generator)
    nextRTXSequenceNumber = UInt16.random(in: firstSequenceNumbers, using: &generator)
    history = RetransmissionHistory(firstSequenceNumber: nextSequenceNumber)
    self.generator = generator
  }

  /// Cuts `frame` into packets of equal size, the last may be shorter.
  ///
  /// - Parameter emit: is given each packet, alone in its buffer with the configured room around it, and its sequence
  ///   number; it protects and frames the packet in place and sends it. What it leaves is kept to be sent again, from
  ///   the packet's first byte on: framing in the headroom is not kept. A buffer that it empties is forgotten.
  package mutating func packetize(
    _ frame: RTPFrame, now: NIODeadline, emit: (_ packet: inout ByteBuffer, _ sequenceNumber: UInt16) -> Void
  ) {
    guard frame.payload.readableBytes > 0 else { return }
    let timestamp = clock.stamp(frame.captureTime, sentAt: now)
    let fragments = payloader.fragments(
      ofFrameWithLength: frame.payload.readableBytes, maximumPayloadSize: maximumPayloadSize)
    for fragment in fragments {
      guard
        let piece = frame.payload.getSlice(
          at: frame.payload.readerIndex + fragment.range.lowerBound, length: fragment.range.count)
      else { preconditionFailure("fragments lie within their frame") }
      let header = RTPHeader(
        marker: fragment.isLast, payloadType: configuration.payloadType, sequenceNumber: nextSequenceNumber,
        timestamp: timestamp, ssrc: configuration.ssrc)
      let payloadSize = VP8Payloader.descriptorLength + piece.readableBytes
      var packet = ByteBuffer.packet(
        headroom: configuration.headroom, capacity: RTPHeader.length + payloadSize + configuration.tailroom)
      header.write(to: &packet)
      fragment.descriptor.write(to: &packet)
      packet.writeImmutableBuffer(piece)
      emit(&packet, nextSequenceNumber)
      nextSequenceNumber &+= 1
      countSent(payload: payloadSize)
      budget.earn(bySending: RTPHeader.length + payloadSize)
      keep(packet, piece: piece, of: fragment, header: header, now: now)
    }
    statistics.framesSent += 1
    if frame.isKeyFrame {
      statistics.keyFramesSent += 1
      keyFrameRequests.keyFrameSent()
    }
    reportsSinceLastFrame = 0
    reportSchedule.start(now: now)
  }

  package mutating func handleTimeout(now: NIODeadline) {
    if reportSchedule.handleTimeout(now: now, using: &generator) {
      pendingReport = true
    }
    if keyFrameRequests.handleTimeout(now: now) {
      pendingKeyFrameRequest = true
    }
    history.removeExpired(now: now)
  }

  package var deadline: NIODeadline? {
    switch (reportSchedule.deadline, keyFrameRequests.deadline) {
    case (let report?, let request?): min(report, request)
    case (let report, let request): report ?? request
    }
  }

  package mutating func pollEvent() -> Event? {
    if pendingKeyFrameRequest {
      pendingKeyFrameRequest = false
      return .keyFrameRequested
    }
    if let bitrate = pendingMaximumBitrate {
      pendingMaximumBitrate = nil
      return .maximumBitrate(bitrate)
    }
    if pendingReport {
      pendingReport = false
      return .reportDue
    }
    return nil
  }

  /// What fits behind the RTP header; with RTX two bytes less, so that the retransmission fits too.
  private var maximumPayloadSize: Int {
    configuration.maximumPacketSize - RTPHeader.length
      - (configuration.rtx == nil ? 0 : Self.originalSequenceNumberLength)
  }

  func isOurs(_ ssrc: UInt32) -> Bool {
    ssrc == configuration.ssrc
  }

  mutating func countSent(payload: Int) {
    statistics.packetsSent += 1
    statistics.bytesSent += payload
    statistics.headerBytesSent += RTPHeader.length
  }
}
