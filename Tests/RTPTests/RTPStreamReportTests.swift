import NIOCore
import RTP
import Testing

@Suite("RTP stream: sender reports (RFC 3550 section 6)")
struct RTPStreamReportTests {
  static let wallClock = NTPTimestamp(secondsSince1970: 1_700_000_000, nanoseconds: 250_000_000)

  @Test("a report contains SR and SDES, and its timestamp is what a frame would have now")
  func senderReport() throws {
    var stream = VP8Stream()
    let packets = stream.send(3000, at: 0, isKeyFrame: true)
    let timestamp = try header(packets[0]).timestamp
    let datagram = stream.report(now: .test(milliseconds: 500), wallClock: Self.wallClock)
    #expect(datagram.readerIndex == 4)
    #expect(datagram.writableBytes >= 16)
    #expect(
      try RTCPPacket.parse(datagram) == [
        .senderReport(
          SenderReport(
            ssrc: videoSSRC, ntpTimestamp: Self.wallClock, rtpTimestamp: timestamp &+ 45_000, packetCount: 3,
            octetCount: 3012)),
        .sourceDescription(SourceDescription(chunks: [.init(ssrc: videoSSRC, canonicalName: "cam")])),
      ])
  }

  @Test("a report ties the time of capture to the wall clock, however long a frame has waited")
  func captureTime() throws {
    var stream = VP8Stream()
    var timestamp: UInt32 = 0
    let frame = RTPFrame(payload: .pattern(1), captureTime: .test(milliseconds: 60), isKeyFrame: true)
    stream.send(frame, now: .test(milliseconds: 100)) { packet in
      timestamp = (try? header(packet).timestamp) ?? 0
    }
    let datagram = stream.report(now: .test(milliseconds: 110), wallClock: Self.wallClock)
    guard case .senderReport(let report) = try RTCPPacket.parse(datagram)[0] else {
      Issue.record("no sender report")
      return
    }
    #expect(report.rtpTimestamp == timestamp &+ 50 * 90)
  }

  @Test("a report is an RR before the first frame and from the third report after the last frame on")
  func receiverReport() throws {
    var stream = VP8Stream()
    func isSenderReport() throws -> Bool {
      let packets = try RTCPPacket.parse(stream.report(now: .test(milliseconds: 0), wallClock: Self.wallClock))
      #expect(packets.count == 2)
      switch packets[0] {
      case .senderReport(let report): return report.ssrc == videoSSRC
      case .receiverReport(let report):
        #expect(report.ssrc == videoSSRC)
        return false
      default:
        Issue.record("no report")
        return false
      }
    }
    #expect(try !isSenderReport())
    stream.send(1, at: 0)
    #expect(try isSenderReport())
    #expect(try isSenderReport())
    #expect(try !isSenderReport())
    stream.send(1, at: 40)
    #expect(try isSenderReport())
  }

  @Test("with RTX both sources have the CNAME, and the report counts only the media stream")
  func withRTX() throws {
    var stream = VP8Stream(.withRTX)
    let packets = stream.send(3000, at: 0)
    stream.nack([try header(packets[1]).sequenceNumber], at: 10)
    #expect(stream.retransmissions(at: 10).count == 1)
    let report = try RTCPPacket.parse(stream.report(now: .test(milliseconds: 20), wallClock: Self.wallClock))
    guard case .senderReport(let senderReport) = report[0] else {
      Issue.record("no sender report")
      return
    }
    #expect(senderReport.packetCount == 3)
    #expect(senderReport.octetCount == 3012)
    #expect(
      report[1]
        == .sourceDescription(
          SourceDescription(chunks: [
            .init(ssrc: videoSSRC, canonicalName: "cam"), .init(ssrc: retransmissionSSRC, canonicalName: "cam"),
          ])))
    #expect(stream.statistics.packetsSent == 4)
  }

  @Test("a probe counts as sent, and neither as a retransmission nor in the report of the media stream")
  func probe() throws {
    var stream = VP8Stream(.withRTX)
    stream.send(3000, at: 0)
    let made = stream.makeProbe(now: .test(milliseconds: 10))
    let probe = try #require(made).packet
    #expect(try header(probe).ssrc == retransmissionSSRC)
    let report = try RTCPPacket.parse(stream.report(now: .test(milliseconds: 20), wallClock: Self.wallClock))
    guard case .senderReport(let senderReport) = report[0] else {
      Issue.record("no sender report")
      return
    }
    #expect(senderReport.packetCount == 3 && senderReport.octetCount == 3012)
    let (statistics, payload) = (stream.statistics, probe.readableBytes - RTPHeader.length)
    #expect(statistics.packetsSent == 4 && statistics.bytesSent == 3012 + payload)
    #expect(statistics.probePacketsSent == 1 && statistics.probeBytesSent == payload)
    #expect(statistics.retransmittedPacketsSent == 0 && statistics.retransmittedBytesSent == 0)
  }

  @Test("without RTX the report counts retransmissions too")
  func plainCounts() throws {
    var stream = VP8Stream()
    let packets = stream.send(1000, at: 0)
    stream.nack([try header(packets[0]).sequenceNumber], at: 10)
    #expect(stream.retransmissions(at: 10).count == 1)
    let report = try RTCPPacket.parse(stream.report(now: .test(milliseconds: 20), wallClock: Self.wallClock))
    guard case .senderReport(let senderReport) = report[0] else {
      Issue.record("no sender report")
      return
    }
    #expect(senderReport.packetCount == 2)
    #expect(senderReport.octetCount == 2008)
  }

  @Test("the first report is due with the first frame, and each later one after a random 0.5 to 1.5 s")
  func schedule() {
    var stream = VP8Stream()
    #expect(stream.deadline == nil)
    stream.send(1, at: 0)
    #expect(stream.deadline == .test(milliseconds: 0))
    var previous = NIODeadline.test(milliseconds: 0)
    stream.handleTimeout(now: previous)
    #expect(stream.events() == [.reportDue])
    var intervals: Set<TimeAmount> = []
    for _ in 0..<200 {
      guard let deadline = stream.deadline else {
        Issue.record("the schedule ended")
        return
      }
      intervals.insert(deadline - previous)
      stream.handleTimeout(now: deadline - .nanoseconds(1))
      #expect(stream.events() == [])
      stream.handleTimeout(now: deadline)
      #expect(stream.events() == [.reportDue])
      previous = deadline
    }
    #expect(intervals.count > 190)
    #expect(intervals.allSatisfy { (.milliseconds(500)...(.milliseconds(1500))).contains($0) })
    #expect(intervals.contains { $0 < .milliseconds(700) } && intervals.contains { $0 > .milliseconds(1300) })
  }

  @Test("BYE names all sources and follows an RR and SDES")
  func bye() throws {
    let stream = VP8Stream(.withRTX)
    let packets = try RTCPPacket.parse(stream.bye())
    #expect(packets.count == 3)
    #expect(packets.first == .receiverReport(ReceiverReport(ssrc: videoSSRC)))
    #expect(packets.last == .goodbye(Goodbye(sources: [videoSSRC, retransmissionSSRC])))
  }
}
