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

  @Test(
    "sender reports with SDES map each medium's clock to wall-clock time by the session's clock",
    arguments: [true, false])
  func reports(bundled: Bool) throws {
    let call = try PeerCall(.init(bundled: bundled, sound: true))
    call.start()
    #expect(call.connects())
    for number in 0..<500 {
      call.offerSound("\(number)")
      // Frames of one packet leave at once.
      if number % 2 == 0 { call.stream(frames: 1, keyBytes: 900, deltaBytes: 900, every: .zero) }
      call.network.run(for: .milliseconds(20))
    }
    let picture = try #require(call.viewer.packets.last)
    let sound = try #require(call.viewer.sounds.last)
    let media = [
      (picture.header, picture.at, clockRate: Int64(90_000)), (sound.header, sound.at, clockRate: 48_000),
    ]
    let names = call.viewer.control.flatMap { entry -> [SourceDescription.Chunk] in
      if case .sourceDescription(let description) = entry.packet { description.chunks } else { [] }
    }
    #expect(names.allSatisfy { $0.canonicalName == "cam" })
    for (last, arrival, clockRate) in media {
      let reports = call.viewer.control.compactMap { entry in
        if case .senderReport(let report) = entry.packet, report.ssrc == last.ssrc {
          (report: report, at: entry.at)
        } else {
          nil
        }
      }
      #expect((2...20).contains(reports.count))
      #expect(names.count { $0.ssrc == last.ssrc } == reports.count)
      for (report, at) in reports {
        let sentAt = at - call.network.conditions.delay
        #expect(report.ntpTimestamp == PeerCall.wallClock.advanced(by: sentAt - call.startedAt))
        // The last one left when it was taken, which is what its time stamp tells.
        let age = (arrival - call.network.conditions.delay) - sentAt
        let expected = Int64(age.nanoseconds) * clockRate / 1_000_000_000
        let told = Int64(Int32(bitPattern: last.timestamp &- report.rtpTimestamp))
        #expect(abs(told - expected) <= 1)
      }
    }
  }
}
