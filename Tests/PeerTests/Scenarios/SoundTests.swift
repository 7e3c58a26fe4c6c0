import NIOCore
import RTP
import TestSupport
import Testing

@testable import Peer

@Suite("Sound beside the picture")
struct SoundTests {
  @Test("arrives in order, as Opus, and is told of by reports under the same name", arguments: [true, false])
  func arrives(bundled: Bool) throws {
    let call = try PeerCall(.init(bundled: bundled, sound: true))
    call.start()
    #expect(call.connects())
    if !bundled { call.endSoundPause() }
    for number in 0..<300 {
      #expect(call.offerSound("\(number)"))
      if number % 2 == 0 { call.offerFrame(bytes: 3_000, isKeyFrame: number == 0) }
      call.network.run(for: .milliseconds(20))
    }
    call.network.run(for: .milliseconds(100))
    #expect(call.viewer.sounds.map(\.content) == (0..<300).map { "\($0)" })
    let headers = call.viewer.sounds.map(\.header)
    #expect(headers.allSatisfy { $0.payloadType == 111 && !$0.marker })
    let steps = zip(headers, headers.dropFirst())
    #expect(steps.allSatisfy { $1.sequenceNumber == $0.sequenceNumber &+ 1 && $1.timestamp == $0.timestamp &+ 960 })
    #expect(call.viewer.frames.count == 150)
    let names = call.viewer.control.flatMap { control -> [SourceDescription.Chunk] in
      if case .sourceDescription(let description) = control.packet { description.chunks } else { [] }
    }
    #expect(Set(names.map(\.ssrc)) == [call.caller.connection.audioSSRC, call.viewer.videoSSRC])
    #expect(Set(names.map(\.canonicalName)).count == 1)
    let reports = call.viewer.control.compactMap { control -> SenderReport? in
      if case .senderReport(let report) = control.packet { report } else { nil }
    }
    #expect(reports.contains { $0.ssrc == call.caller.connection.audioSSRC && $0.packetCount > 0 })
    #expect(call.caller.connection.outboundSoundStatistics?.packetsSent == 300)
  }

  @Test("begins 0.4 s later for a peer whose media have a transport each", arguments: [true, false])
  func pause(bundled: Bool) throws {
    let call = try PeerCall(.init(bundled: bundled, sound: true))
    call.start()
    #expect(call.connects())
    let sent = (0..<50).map { number in
      defer { call.network.run(for: .milliseconds(20)) }
      return call.offerSound("\(number)")
    }
    #expect(sent.firstIndex(of: true) == (bundled ? 0 : 20))
    #expect(!sent.suffix(30).contains(false))
  }

  @Test("does not wait behind a picture that the path takes long for")
  func notBehind() throws {
    let call = try PeerCall(.init(transportFeedback: true, sound: true))
    call.start()
    #expect(call.connects())
    // At the rate of the beginning these take more than a second.
    call.offerFrame(bytes: 40_000, isKeyFrame: true)
    let start = call.network.now
    for number in 0..<10 {
      call.offerSound("\(number)")
      call.network.run(for: .milliseconds(20))
    }
    call.network.run(for: .milliseconds(100))
    #expect(call.viewer.frames.isEmpty && call.viewer.sounds.count == 10)
    for (number, sound) in call.viewer.sounds.enumerated() {
      #expect(sound.at - (start + .milliseconds(Int64(number) * 20)) < .milliseconds(60))
    }
  }

  @Test("is never sent again")
  func noRetransmissions() throws {
    let call = try PeerCall(.init(rtx: true, sound: true))
    call.start()
    #expect(call.connects())
    for number in 0..<10 { call.offerSound("\(number)") }
    call.network.run(for: .milliseconds(100))
    let lost = call.viewer.sounds.map(\.header.sequenceNumber)
    call.viewer.send(
      [.genericNACK(GenericNACK(senderSSRC: Viewer.ssrc, mediaSSRC: call.viewer.audioSSRC, lost: lost))],
      now: call.network.now)
    call.network.run(for: .seconds(1))
    #expect(lost.count == 10 && call.viewer.sounds.count == 10)
  }

  @Test(
    "is sent twice for a minute when the viewer loses some, unless the path is slow",
    arguments: [(0, nil), (26, nil), (26, 100_000)])
  func repeated(_ fractionLost: UInt8, _ rate: Int?) throws {
    let call = try PeerCall(.init(sound: true))
    call.start()
    #expect(call.connects())
    if let rate {
      call.viewer.send(
        [
          .receiverEstimatedMaximumBitrate(
            ReceiverEstimatedMaximumBitrate(senderSSRC: Viewer.ssrc, bitrate: rate, ssrcs: [call.viewer.videoSSRC]))
        ], now: call.network.now)
      call.network.run(for: .seconds(1))
    }
    func hear(_ count: Int) -> (once: Int, again: Int) {
      let (sounds, replays) = (call.viewer.sounds.count, call.viewer.undecipherable)
      for number in 0..<count {
        call.offerSound("\(number)")
        call.network.run(for: .milliseconds(20))
      }
      return (call.viewer.sounds.count - sounds, call.viewer.undecipherable - replays)
    }
    #expect(hear(10) == (10, 0))
    let block = ReportBlock(
      ssrc: call.viewer.audioSSRC, fractionLost: fractionLost, packetsLost: 1, extendedHighestSequenceNumber: 0,
      jitter: 0, lastSenderReport: 0, delaySinceLastSenderReport: 0)
    let report = ReceiverReport(ssrc: Viewer.ssrc, reportBlocks: [block])
    call.viewer.send([.receiverReport(report)], now: call.network.now)
    call.network.run(for: .milliseconds(100))
    #expect(hear(10) == (10, fractionLost > 0 && rate == nil ? 9 : 0))
    call.network.run(for: .seconds(61))
    #expect(hear(10) == (10, 0))
    let again = fractionLost > 0 && rate == nil ? 9 : 0
    let statistics = try #require(call.caller.connection.outboundSoundStatistics)
    #expect(statistics.packetsSent == 30 + again && statistics.retransmittedPacketsSent == again)
    // Each is a digit.
    #expect(statistics.bytesSent == 30 + again && statistics.retransmittedBytesSent == again)
    #expect(statistics.headerBytesSent == 12 * (30 + again))
  }

  @Test("is not sent where none is agreed, nor after the end", arguments: [false, true])
  func notAgreed(sound: Bool) throws {
    let call = try PeerCall(.init(sound: sound))
    call.start()
    #expect(!call.offerSound("early"))
    #expect(call.connects())
    #expect(call.offerSound("in time") == sound)
    call.caller.connection.close(now: call.network.now)
    #expect(!call.offerSound("late"))
    call.network.run(for: .seconds(1))
    #expect(call.viewer.sounds.map(\.content) == (sound ? ["in time"] : []))
    let goodbyes = call.viewer.control.flatMap { control -> [UInt32] in
      if case .goodbye(let bye) = control.packet { bye.sources } else { [] }
    }
    #expect(goodbyes.contains(call.viewer.audioSSRC) == sound)
  }
}
