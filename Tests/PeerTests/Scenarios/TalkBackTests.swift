import NIOCore
import RTP
import TestSupport
import Testing

@testable import Peer

@Suite("Sound of the viewer")
struct TalkBackTests {
  private static func heard(_ call: PeerCall) -> [String] {
    call.caller.events.compactMap { event in
      if case .soundReceived(let packet) = event.event { String(buffer: packet.payload) } else { nil }
    }
  }

  private static func say(_ count: Int, to call: PeerCall, from first: Int = 0, payloadType: UInt8 = 111) {
    for number in first..<first + count {
      call.viewer.say("\(number)", number: UInt16(number), payloadType: payloadType, now: call.network.now)
      call.network.run(for: .milliseconds(20))
    }
  }

  @Test("is received in order and told of in reports", arguments: [true, false], [true, false])
  func arrives(bundled: Bool, sends: Bool) throws {
    let call = try PeerCall(.init(bundled: bundled, sound: sends, hearsViewer: true))
    call.start()
    #expect(call.connects())
    for number in 0..<200 where number % 4 != 2 {
      if sends { call.offerSound("\(number)") }
      call.viewer.say("\(number)", number: UInt16(number), now: call.network.now)
      call.network.run(for: .milliseconds(20))
    }
    call.network.run(for: .seconds(2))
    #expect(Self.heard(call) == (0..<200).filter { $0 % 4 != 2 }.map { "\($0)" })
    let statistics = try #require(call.caller.connection.inboundSoundStatistics)
    #expect(statistics.packetsReceived == 150 && statistics.packetsLost == 50)
    #expect(call.caller.connection.remoteSoundSSRC == Viewer.ssrc)
    let blocks = call.viewer.control.flatMap { control -> [ReportBlock] in
      switch control.packet {
      case .senderReport(let report): report.ssrc == call.viewer.audioSSRC ? report.reportBlocks : []
      case .receiverReport(let report): report.ssrc == call.viewer.audioSSRC ? report.reportBlocks : []
      default: []
      }
    }
    #expect(blocks.allSatisfy { $0.ssrc == Viewer.ssrc })
    #expect(blocks.count >= 3 && blocks.count < 12)
    #expect(blocks.last?.packetsLost == 50 && blocks.last?.extendedHighestSequenceNumber == 199)
    #expect(blocks.contains { (60...68).contains($0.fractionLost) })
  }

  @Test("a viewer without the right cannot be heard: nothing of the sound is decrypted")
  func withoutRight() throws {
    let call = try PeerCall(.init(sound: true))
    call.start()
    #expect(call.connects())
    Self.say(50, to: call)
    #expect(Self.heard(call).isEmpty)
    #expect(call.caller.connection.videoTransport?.statistics.mediaPacketsIgnored == 50)
    #expect(call.caller.connection.inboundSoundStatistics == nil)
    #expect(
      !call.viewer.control.contains { control in
        if case .receiverReport(let report) = control.packet { !report.reportBlocks.isEmpty } else { false }
      })
  }

  @Test("a viewer whose right ends is not heard from then on")
  func rightEnds() throws {
    let call = try PeerCall(.init(hearsViewer: true))
    call.start()
    #expect(call.connects())
    Self.say(10, to: call)
    call.caller.connection.stopReceivingSound()
    Self.say(10, to: call, from: 10)
    #expect(Self.heard(call).count == 10)
    #expect(call.caller.connection.inboundSoundStatistics?.packetsReceived == 10)
    #expect(call.caller.connection.remoteSoundSSRC == Viewer.ssrc)
    #expect(!call.caller.connection.receivesSound)
  }

  @Test("of a viewer who is heard nothing else is decrypted, nor what was changed on the way")
  func otherMedia() throws {
    let call = try PeerCall(.init(hearsViewer: true))
    call.start()
    #expect(call.connects())
    Self.say(10, to: call, payloadType: 96)
    #expect(Self.heard(call).isEmpty)
    #expect(call.caller.connection.videoTransport?.statistics.mediaPacketsIgnored == 10)
    var forged = ByteBuffer()
    RTPHeader(marker: false, payloadType: 111, sequenceNumber: 1, timestamp: 0, ssrc: 1).write(to: &forged)
    forged.writeRepeatingByte(7, count: 60)
    call.viewer.main.sendRaw(forged, now: call.network.now)
    call.network.run(for: .milliseconds(100))
    #expect(Self.heard(call).isEmpty)
  }

  @Test("what comes faster than sound does is dropped before it is decrypted")
  func flood() throws {
    let call = try PeerCall(.init(hearsViewer: true))
    call.start()
    #expect(call.connects())
    let discarded = try #require(call.caller.connection.videoTransport).statistics.packetsDiscarded
    // As many as of 2.5 ms.
    for number in 0..<800 {
      call.viewer.say("x", number: UInt16(number), now: call.network.now)
      call.network.run(for: .microseconds(2_500))
    }
    call.network.run(for: .milliseconds(500))
    #expect(Self.heard(call).count == 800)
    for number in 800..<2_800 {
      call.viewer.say("x", number: UInt16(number), now: call.network.now)
      if number % 4 == 3 { call.network.run(for: .milliseconds(1)) }
    }
    call.network.run(for: .milliseconds(500))
    let count = Self.heard(call).count - 800
    #expect((700...800).contains(count), "\(count)")
    #expect(call.caller.connection.videoTransport?.statistics.packetsDiscarded == discarded + 2_000 - count)
  }

  @Test("a payload that is too long for Opus is none")
  func tooLong() {
    var receiver = SoundReceiver(
      payloadType: 111, ssrc: 1, canonicalName: "x", generator: SeededGenerator(seed: 1))
    func packet(_ length: Int) -> ByteBuffer {
      var packet = ByteBuffer()
      RTPHeader(marker: false, payloadType: 111, sequenceNumber: 1, timestamp: 0, ssrc: 2).write(to: &packet)
      packet.writeRepeatingByte(7, count: length)
      return packet
    }
    let isLongReceived = receiver.receive(packet(7_665), now: .uptimeNanoseconds(1)) != nil
    let isOtherReceived = receiver.receive(packet(7_664), now: .uptimeNanoseconds(1)) != nil
    #expect(!isLongReceived && isOtherReceived)
  }

  @Test("streams without end are bounded: a new source with each packet is not followed")
  func sources() throws {
    let call = try PeerCall(.init(hearsViewer: true))
    call.start()
    #expect(call.connects())
    for number in 0..<500 {
      call.viewer.say("x", number: UInt16(number), ssrc: UInt32(1_000 + number), now: call.network.now)
      call.network.run(for: .milliseconds(1))
    }
    #expect(Self.heard(call).count == 1)
  }
}
