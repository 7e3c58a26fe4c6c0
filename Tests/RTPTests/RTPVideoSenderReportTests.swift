import NIOCore
import RTP
import Testing

@Suite("RTP video sender: sender reports (RFC 3550 section 6)")
struct RTPVideoSenderReportTests {
  static let wallClock = NTPTimestamp(secondsSince1970: 1_700_000_000, nanoseconds: 250_000_000)

  @Test("SR and SDES in one compound; the timestamp is what a frame would have now")
  func senderReport() throws {
    var sender = RTPVideoSender()
    let packets = sender.send(3000, at: 0, isKeyFrame: true)
    let timestamp = try header(packets[0]).timestamp
    let datagram = sender.report(now: .test(milliseconds: 500), wallClock: Self.wallClock)
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

  @Test("a file's media time is carried on, though it has nothing to do with the clock")
  func mediaTime() throws {
    var sender = RTPVideoSender()
    var timestamp: UInt32 = 0
    let frame = RTPFrame(payload: .pattern(1), captureTime: .uptimeNanoseconds(40_000_000), isKeyFrame: true)
    sender.packetize(frame, now: .test(milliseconds: 100)) { packet, _ in
      timestamp = (try? header(packet).timestamp) ?? 0
    }
    let datagram = sender.report(now: .test(milliseconds: 110), wallClock: Self.wallClock)
    guard case .senderReport(let report) = try RTCPPacket.parse(datagram)[0] else {
      Issue.record("no sender report")
      return
    }
    #expect(report.rtpTimestamp == timestamp &+ 900)
  }

  @Test("before the first frame, and two reports after the last one, it is an RR")
  func receiverReport() throws {
    var sender = RTPVideoSender()
    func isSenderReport() throws -> Bool {
      let packets = try RTCPPacket.parse(sender.report(now: .test(milliseconds: 0), wallClock: Self.wallClock))
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
    sender.send(1, at: 0)
    #expect(try isSenderReport())
    #expect(try isSenderReport())
    #expect(try !isSenderReport())
    sender.send(1, at: 40)
    #expect(try isSenderReport())
  }

  @Test("with RTX both sources have the CNAME, and the counts are of the stream alone")
  func withRTX() throws {
    var sender = RTPVideoSender(.withRTX)
    let packets = sender.send(3000, at: 0)
    sender.nack([try header(packets[1]).sequenceNumber], at: 10)
    #expect(sender.retransmissions(at: 10).count == 1)
    let report = try RTCPPacket.parse(sender.report(now: .test(milliseconds: 20), wallClock: Self.wallClock))
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
    #expect(sender.statistics.packetsSent == 4)
  }

  @Test("without RTX what was sent again counts too")
  func plainCounts() throws {
    var sender = RTPVideoSender()
    let packets = sender.send(1000, at: 0)
    sender.nack([try header(packets[0]).sequenceNumber], at: 10)
    #expect(sender.retransmissions(at: 10).count == 1)
    let report = try RTCPPacket.parse(sender.report(now: .test(milliseconds: 20), wallClock: Self.wallClock))
    guard case .senderReport(let senderReport) = report[0] else {
      Issue.record("no sender report")
      return
    }
    #expect(senderReport.packetCount == 2)
    #expect(senderReport.octetCount == 2008)
  }

  @Test("the first report is due with the first frame, the others after 0.5 to 1.5 s, differently each time")
  func schedule() {
    var sender = RTPVideoSender()
    #expect(sender.deadline == nil)
    sender.send(1, at: 0)
    #expect(sender.deadline == .test(milliseconds: 0))
    var previous = NIODeadline.test(milliseconds: 0)
    sender.handleTimeout(now: previous)
    #expect(sender.events() == [.reportDue])
    var intervals: Set<TimeAmount> = []
    for _ in 0..<200 {
      guard let deadline = sender.deadline else {
        Issue.record("the schedule ended")
        return
      }
      intervals.insert(deadline - previous)
      sender.handleTimeout(now: deadline - .nanoseconds(1))
      #expect(sender.events() == [])
      sender.handleTimeout(now: deadline)
      #expect(sender.events() == [.reportDue])
      previous = deadline
    }
    #expect(intervals.count > 190)
    #expect(intervals.allSatisfy { (.milliseconds(500)...(.milliseconds(1500))).contains($0) })
    #expect(intervals.contains { $0 < .milliseconds(700) } && intervals.contains { $0 > .milliseconds(1300) })
  }

  @Test("BYE names all sources behind an RR and SDES")
  func bye() throws {
    let sender = RTPVideoSender(.withRTX)
    let packets = try RTCPPacket.parse(sender.bye())
    #expect(packets.count == 3)
    #expect(packets.first == .receiverReport(ReceiverReport(ssrc: videoSSRC)))
    #expect(packets.last == .goodbye(Goodbye(sources: [videoSSRC, retransmissionSSRC])))
  }
}
