import NIOCore

/// What comes in, source by source, for the report blocks of RR and SR (RFC 3550 sections 6.4 and A.3). The media
/// itself may be dropped unread.
package struct RTPReceptionStatistics: Sendable {
  /// A call has a voice, a picture and their retransmissions; a peer that invents more displaces the oldest.
  package static let maximumSources = 8

  private var sources: [RTPReceptionSource] = []

  package init() {}

  /// - Parameter clockRate: of the payload type, in Hz.
  package mutating func receive(_ header: RTPHeader, clockRate: UInt32, now: NIODeadline) {
    if let index = index(of: header.ssrc) {
      sources[index].receive(header, clockRate: clockRate, now: now)
      return
    }
    if sources.count == Self.maximumSources,
      let oldest = sources.indices.min(by: { sources[$0].lastHeard < sources[$1].lastHeard })
    {
      sources.remove(at: oldest)
    }
    sources.append(RTPReceptionSource(header, clockRate: clockRate, now: now))
  }

  /// Sender reports tell LSR, and goodbyes that a source is gone.
  package mutating func receive(_ packet: RTCPPacket, now: NIODeadline) {
    switch packet {
    case .senderReport(let report):
      if let index = index(of: report.ssrc) {
        sources[index].lastSenderReport = (report.ntpTimestamp.middle, now)
      }
    case .goodbye(let goodbye):
      sources.removeAll { goodbye.sources.contains($0.ssrc) }
    default:
      break
    }
  }

  /// One block for each source that was heard since the last time this was called.
  package mutating func reportBlocks(now: NIODeadline) -> [ReportBlock] {
    sources.indices.compactMap { sources[$0].reportBlock(now: now) }
  }

  private func index(of ssrc: UInt32) -> Int? {
    sources.firstIndex { $0.ssrc == ssrc }
  }
}
