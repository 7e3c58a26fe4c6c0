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
    let call = try PeerCall()
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
    call.stream(frames: 10)
    call.viewer.send(
      [.pictureLossIndication(PictureLossIndication(senderSSRC: Viewer.ssrc, mediaSSRC: call.viewer.videoSSRC))],
      now: call.network.now)
    let asked = call.network.now
    call.stream(frames: 5)
    #expect(call.caller.keyFrameRequests == [asked + call.network.conditions.delay])
    call.network.run(for: .seconds(1))
    #expect(call.viewer.frames.filter(\.isKeyFrame).count == 2)
  }

  @Test("a REMB sets the maximum bitrate")
  func bitrate() throws {
    let call = try PeerCall()
    call.start()
    #expect(call.connects())
    call.viewer.send(
      [
        .receiverEstimatedMaximumBitrate(
          ReceiverEstimatedMaximumBitrate(senderSSRC: Viewer.ssrc, bitrate: 500_000, ssrcs: [call.viewer.videoSSRC]))
      ], now: call.network.now)
    call.network.run(for: .milliseconds(100))
    let bitrates = call.caller.events.compactMap { if case .maximumBitrate(let rate) = $0.event { rate } else { nil } }
    #expect(bitrates == [500_000])
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
    #expect(!call.caller.events.contains { if case .maximumBitrate = $0.event { true } else { false } })
  }

  @Test("sender reports with SDES map the media clock to wall-clock time by the session's clock")
  func reports() throws {
    let call = try PeerCall()
    call.start()
    #expect(call.connects())
    call.stream(frames: 250)
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
