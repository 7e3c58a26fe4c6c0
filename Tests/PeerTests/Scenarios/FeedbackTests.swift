import NIOCore
import Peer
import RTP
import Testing

@Suite("What the viewer asks for")
struct FeedbackTests {
  @Test(
    "PLI and FIR request at most one key frame in 300 ms, and the last request is not dropped",
    arguments: [false, true])
  func keyFrames(fullIntra: Bool) throws {
    let call = try PeerCall(.init(transportFeedback: true))
    call.start()
    #expect(call.connects())
    call.stream(frames: 1)
    for number in 0..<60 {
      let packet: RTCPPacket =
        fullIntra
        ? .fullIntraRequest(
          FullIntraRequest(
            senderSSRC: Viewer.ssrc, entries: [.init(ssrc: call.viewer.videoSSRC, sequenceNumber: UInt8(number))]))
        : .pictureLossIndication(PictureLossIndication(senderSSRC: Viewer.ssrc, mediaSSRC: call.viewer.videoSSRC))
      call.viewer.send([packet], now: call.network.now)
      call.network.run(for: .milliseconds(20))
    }
    call.network.run(for: .seconds(2))
    let requests = call.caller.keyFrameRequests
    // 1.2 s of requests: at 0, 300, 600, 900 and the last at 1,200 ms.
    #expect((4...5).contains(requests.count))
    for (earlier, later) in zip(requests, requests.dropFirst()) { #expect(later - earlier >= .milliseconds(300)) }
  }

  @Test("a requested key frame is sent within a round trip")
  func promptly() throws {
    let call = try PeerCall()
    call.start()
    #expect(call.connects())
    call.stream(frames: 35)
    let unasked = call.caller.keyFrameRequests.count
    call.viewer.send(
      [.pictureLossIndication(PictureLossIndication(senderSSRC: Viewer.ssrc, mediaSSRC: call.viewer.videoSSRC))],
      now: call.network.now)
    let asked = call.network.now
    call.stream(frames: 5)
    #expect(call.caller.keyFrameRequests.dropFirst(unasked) == [asked + call.network.conditions.delay])
    call.network.run(for: .seconds(1))
    #expect(call.viewer.frames.filter(\.isKeyFrame).count == unasked + 2)
  }

  @Test("feedback over the audio transport does not affect the video")
  func soundDoesNotSteer() throws {
    let call = try PeerCall(.init(bundled: false))
    call.start()
    #expect(call.connects())
    let packets: [RTCPPacket] = [
      .receiverReport(ReceiverReport(ssrc: Viewer.ssrc)),
      .receiverEstimatedMaximumBitrate(
        ReceiverEstimatedMaximumBitrate(senderSSRC: Viewer.ssrc, bitrate: 10_000, ssrcs: [])),
    ]
    call.viewer.audio?.send(RTCPPacket.compound(packets), now: call.network.now)
    call.network.run(for: .seconds(1))
    #expect(try #require(call.caller.connection.availableOutgoingBitrate) >= 300_000)
  }

  @Test("key frames are requested until a report shows that one arrived: soon after one another, then each second")
  func firstKeyFrames() throws {
    let call = try PeerCall()
    call.start()
    #expect(call.connects())
    call.stream(frames: 90)
    #expect(call.viewer.frames.filter(\.isKeyFrame).count == 6)
    let newest = try #require(call.viewer.packets.last).header.sequenceNumber
    let report = try #require(
      call.viewer.control.compactMap { if case .senderReport(let report) = $0.packet { report } else { nil } }.first)
    func block(highest: UInt16, lastSenderReport: UInt32) -> RTCPPacket {
      .receiverReport(
        ReceiverReport(
          ssrc: Viewer.ssrc,
          reportBlocks: [
            ReportBlock(
              ssrc: call.viewer.videoSSRC, fractionLost: 0, packetsLost: 0,
              extendedHighestSequenceNumber: UInt32(highest), jitter: 0, lastSenderReport: lastSenderReport,
              delaySinceLastSenderReport: 0)
          ]))
    }
    // Whether a first report tells of all packets or of the last ones only is unknown.
    call.viewer.send([block(highest: newest, lastSenderReport: 0)], now: call.network.now)
    call.stream(frames: 25)
    #expect(call.viewer.frames.filter(\.isKeyFrame).count == 7)
    // What had arrived before the last key frame.
    call.viewer.send([block(highest: newest, lastSenderReport: 0)], now: call.network.now)
    call.stream(frames: 25)
    #expect(call.viewer.frames.filter(\.isKeyFrame).count == 8)
    let last = try #require(call.viewer.packets.last).header.sequenceNumber
    call.viewer.send([block(highest: last, lastSenderReport: report.ntpTimestamp.middle)], now: call.network.now)
    call.stream(frames: 75)
    #expect(call.viewer.frames.filter(\.isKeyFrame).count == 8)
  }

  @Test("a viewer that never reports gets thirteen key frames at most without asking")
  func unreported() throws {
    let call = try PeerCall()
    call.start()
    #expect(call.connects())
    call.stream(frames: 20 * 25)
    #expect(call.viewer.frames.filter(\.isKeyFrame).count == 13)
  }

  @Test("sender reports with SDES map the media clock to wall-clock time by the session's clock")
  func reports() throws {
    let call = try PeerCall()
    call.start()
    #expect(call.connects())
    // Frames of one packet leave at once.
    call.stream(frames: 250, keyBytes: 900, deltaBytes: 900)
    let reports = call.viewer.control.compactMap { entry in
      if case .senderReport(let report) = entry.packet { (report: report, at: entry.at) } else { nil }
    }
    #expect((6...20).contains(reports.count))
    let names = call.viewer.control.flatMap { entry -> [SourceDescription.Chunk] in
      if case .sourceDescription(let description) = entry.packet { description.chunks } else { [] }
    }
    #expect(names.count == reports.count)
    #expect(names.allSatisfy { $0.ssrc == call.viewer.videoSSRC && $0.canonicalName == "cam" })
    let picture = try #require(call.viewer.packets.last)
    for (report, at) in reports {
      let sentAt = at - call.network.conditions.delay
      #expect(report.ntpTimestamp == PeerCall.wallClock.advanced(by: sentAt - call.startedAt))
      // The last picture left 10 ms before it came, and its time stamp tells when it was taken.
      let age = (picture.at - call.network.conditions.delay) - sentAt
      let expected = Int64(age.nanoseconds) * 90 / 1_000_000
      let told = Int64(Int32(bitPattern: picture.header.timestamp &- report.rtpTimestamp))
      #expect(abs(told - expected) <= 1)
    }
  }
}
