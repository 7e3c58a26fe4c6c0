import NIOCore

/// One RTCP packet of a datagram, which is a compound (RFC 3550 section 6.1) or has a reduced size (RFC 5506).
package enum RTCPPacket: Hashable, Sendable {
  case senderReport(SenderReport)
  case receiverReport(ReceiverReport)
  case sourceDescription(SourceDescription)
  case goodbye(Goodbye)
  case genericNACK(GenericNACK)
  case transportWideFeedback(TransportWideFeedback)
  case congestionControlFeedback(CongestionControlFeedback)
  case pictureLossIndication(PictureLossIndication)
  case fullIntraRequest(FullIntraRequest)
  case receiverEstimatedMaximumBitrate(ReceiverEstimatedMaximumBitrate)
  /// A packet of another kind, whose body was skipped; `format` is the five-bit field of the header.
  case unknown(packetType: UInt8, format: UInt8)

  /// The most packets that are accepted in one datagram. It bounds what a datagram can make us keep: over a TURN
  /// connection it may have 64 KiB.
  static let maximumPackets = 64

  /// Whether a datagram on a port that RTP and RTCP share is RTCP (RFC 5761 section 4): RTCP packet types lie in
  /// 192...223.
  package static func looksLikeRTCP(_ datagram: ByteBuffer) -> Bool {
    guard let type: UInt8 = datagram.getInteger(at: datagram.readerIndex + 1) else { return false }
    return (192...223).contains(type)
  }

  /// Parses all packets of a datagram.
  ///
  /// One malformed packet invalidates the whole datagram (RFC 3550 appendix A.2). The first packet need not be a
  /// report, as RFC 5506 allows.
  ///
  /// - Throws: the first error that was found.
  package static func parse(_ datagram: ByteBuffer) throws(RTPError) -> [RTCPPacket] {
    var rest = datagram
    var packets: [RTCPPacket] = []
    repeat {
      guard packets.count < maximumPackets else { throw .tooManyPackets }
      guard
        let (first, type, words) = rest.readMultipleIntegers(as: (UInt8, UInt8, UInt16).self),
        var body = rest.readSlice(length: Int(words) * 4)
      else { throw .truncated }
      guard first >> 6 == 2 else { throw .unsupportedVersion }
      // Although "padding MUST only be added to the last individual packet" (RFC 3550 section 6.4.1), libwebrtc pads
      // transport-wide feedback wherever it stands in a compound.
      if first & 0x20 != 0 { try body.removePadding() }
      packets.append(try RTCPPacket(packetType: type, format: first & 0x1F, body: &body))
    } while rest.readableBytes > 0
    return packets
  }

  private init(packetType: UInt8, format: UInt8, body: inout ByteBuffer) throws(RTPError) {
    let count = Int(format)
    switch (RTCPPacketType(rawValue: packetType), format) {
    case (.senderReport, _):
      self = .senderReport(try SenderReport(parsing: &body, count: count))
    case (.receiverReport, _):
      self = .receiverReport(try ReceiverReport(parsing: &body, count: count))
    case (.sourceDescription, _):
      self = .sourceDescription(try SourceDescription(parsing: &body, count: count))
    case (.goodbye, _):
      self = .goodbye(try Goodbye(parsing: &body, count: count))
    case (.transportLayerFeedback, GenericNACK.format):
      self = .genericNACK(try GenericNACK(parsing: &body))
    case (.transportLayerFeedback, TransportWideFeedback.format):
      if let feedback = try TransportWideFeedback(parsing: &body) {
        self = .transportWideFeedback(feedback)
      } else {
        self = .unknown(packetType: packetType, format: format)
      }
    case (.transportLayerFeedback, CongestionControlFeedback.format):
      self = .congestionControlFeedback(try CongestionControlFeedback(parsing: &body))
    case (.payloadSpecificFeedback, PictureLossIndication.format):
      self = .pictureLossIndication(try PictureLossIndication(parsing: &body))
    case (.payloadSpecificFeedback, FullIntraRequest.format):
      self = .fullIntraRequest(try FullIntraRequest(parsing: &body))
    case (.payloadSpecificFeedback, ReceiverEstimatedMaximumBitrate.format):
      if let remb = try ReceiverEstimatedMaximumBitrate(parsing: &body) {
        self = .receiverEstimatedMaximumBitrate(remb)
      } else {
        self = .unknown(packetType: packetType, format: format)
      }
    default:
      self = .unknown(packetType: packetType, format: format)
    }
  }

  /// Writes `packets` as one datagram. Nothing is written for `.unknown`.
  ///
  /// - Parameters:
  ///   - headroom: the bytes to leave free before the datagram.
  ///   - tailroom: the bytes to leave free behind it, for what SRTCP appends.
  package static func compound(_ packets: [RTCPPacket], headroom: Int = 0, tailroom: Int = 0) -> ByteBuffer {
    // Reports with two blocks, a short CNAME and BYE fit; a longer compound makes the buffer grow once.
    let usualLength = 160
    var datagram = ByteBuffer.packet(headroom: headroom, capacity: usualLength + tailroom)
    for packet in packets {
      packet.write(to: &datagram)
    }
    datagram.reserveCapacity(minimumWritableBytes: tailroom)
    return datagram
  }

  private func write(to buffer: inout ByteBuffer) {
    switch self {
    case .senderReport(let packet): packet.write(to: &buffer)
    case .receiverReport(let packet): packet.write(to: &buffer)
    case .sourceDescription(let packet): packet.write(to: &buffer)
    case .goodbye(let packet): packet.write(to: &buffer)
    case .genericNACK(let packet): packet.write(to: &buffer)
    case .transportWideFeedback(let packet): packet.write(to: &buffer)
    case .congestionControlFeedback(let packet): packet.write(to: &buffer)
    case .pictureLossIndication(let packet): packet.write(to: &buffer)
    case .fullIntraRequest(let packet): packet.write(to: &buffer)
    case .receiverEstimatedMaximumBitrate(let packet): packet.write(to: &buffer)
    case .unknown: break
    }
  }
}
