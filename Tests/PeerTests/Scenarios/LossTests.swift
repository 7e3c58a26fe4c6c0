import ICE
import NIOCore
import Peer
import RTP
import SRTP
import Testing

@Suite("Packets that are lost")
struct LossTests {
  @Test("packets are sent again on NACKs until the picture is complete", arguments: [0.05, 0.2], [false, true])
  func repair(loss: Double, rtx: Bool) throws {
    let call = try PeerCall(.init(rtx: rtx, seed: 9))
    call.start()
    #expect(call.connects())
    call.viewer.nackInterval = .milliseconds(110)
    call.stream(frames: 1)
    call.network.conditions.loss = loss
    call.stream(frames: 150)
    call.network.conditions.loss = 0
    call.stream(frames: 5)
    call.network.run(for: .seconds(2))
    // Without repair a frame of three packets would be whole in 86 and 51 of 100 cases. Nothing before a key frame is
    // repaired, and there is one each second, since the viewer does not report.
    #expect(call.viewer.frames.count >= (loss < 0.1 ? 150 : 144))
    let resent = call.caller.connection.outboundStatistics?.retransmittedPacketsSent ?? 0
    #expect(resent > 10)
    #expect(call.viewer.packets.contains { $0.header.ssrc == call.viewer.rtxSSRC } == rtx)
    #expect(call.viewer.packets.allSatisfy { $0.plain.readableBytes <= 1_200 })
    if rtx {
      let first = try #require(call.viewer.packets.first { $0.header.ssrc == call.viewer.rtxSSRC })
      #expect(first.header.payloadType == 97)
    }
  }

  @Test("a viewer that loses packets and requests none gets each of them twice, for as long as some are lost")
  func repetition() throws {
    let call = try PeerCall(.init(seed: 9))
    call.start()
    #expect(call.connects())
    call.stream(frames: 25)
    Self.report(loss: 13, by: call)
    call.network.conditions.loss = 0.05
    call.stream(frames: 150)
    call.network.conditions.loss = 0
    call.stream(frames: 5)
    call.network.run(for: .milliseconds(200))
    // Of packets that are sent once, 129 of the 150 frames would be whole.
    #expect(call.viewer.frames.count > 175)

    Self.report(loss: 0, by: call)
    #expect(Self.copies(of: 10, to: call) > 10)
    call.network.run(for: .seconds(31))
    Self.report(loss: 0, by: call)
    #expect(Self.copies(of: 10, to: call) == 0)
  }

  @Test("a viewer that has lost a few packets once gets none of them twice")
  func squeeze() throws {
    let call = try PeerCall()
    call.start()
    #expect(call.connects())
    call.stream(frames: 2)
    for loss in [5, 0, 5] as [UInt8] {
      Self.report(loss: loss, by: call)
      #expect(Self.copies(of: 10, to: call) == 0)
    }
    Self.report(loss: 5, by: call)
    #expect(Self.copies(of: 10, to: call) > 10)
  }

  @Test("a viewer that requests packets gets none of them unrequested")
  func requests() throws {
    let call = try PeerCall()
    call.start()
    #expect(call.connects())
    call.stream(frames: 2)
    Self.report(loss: 13, by: call)
    #expect(Self.copies(of: 10, to: call) > 10)
    call.viewer.send(
      [.genericNACK(GenericNACK(senderSSRC: Viewer.ssrc, mediaSSRC: call.viewer.videoSSRC, lost: [0]))],
      now: call.network.now)
    Self.report(loss: 13, by: call)
    #expect(Self.copies(of: 10, to: call) == 0)
  }

  @Test("a viewer that requests a second key frame soon, and no packets, gets each of them twice, until it is content")
  func keyFrames() throws {
    let call = try PeerCall()
    call.start()
    #expect(call.connects())
    call.stream(frames: 25)
    Self.requestKeyFrame(by: call)
    #expect(Self.copies(of: 10, to: call) == 0)
    // It may still wait for the one that it has requested.
    Self.requestKeyFrame(by: call)
    #expect(Self.copies(of: 20, to: call) == 0)
    Self.requestKeyFrame(by: call)
    #expect(Self.copies(of: 10, to: call) > 10)
    call.network.run(for: .seconds(9))
    #expect(Self.copies(of: 10, to: call) > 10)
    call.network.run(for: .seconds(1))
    #expect(Self.copies(of: 10, to: call) == 0)
  }

  @Test("a viewer that requests a key frame now and then gets no packets twice")
  func rareKeyFrames() throws {
    let call = try PeerCall()
    call.start()
    #expect(call.connects())
    for _ in 0..<3 {
      call.stream(frames: 25)
      Self.requestKeyFrame(by: call)
      #expect(Self.copies(of: 60, to: call) == 0)
    }
  }

  private static func requestKeyFrame(by call: PeerCall) {
    call.viewer.send(
      [.pictureLossIndication(.init(senderSSRC: Viewer.ssrc, mediaSSRC: call.viewer.videoSSRC))],
      now: call.network.now)
    call.network.run(for: .milliseconds(50))
  }

  /// - Parameter loss: in parts of 256.
  private static func report(loss: UInt8, by call: PeerCall) {
    let block = ReportBlock(
      ssrc: call.viewer.videoSSRC, fractionLost: loss, packetsLost: 0, extendedHighestSequenceNumber: 0, jitter: 0,
      lastSenderReport: 0, delaySinceLastSenderReport: 0)
    call.viewer.send(
      [.receiverReport(ReceiverReport(ssrc: Viewer.ssrc, reportBlocks: [block]))], now: call.network.now)
    call.network.run(for: .milliseconds(100))
  }

  /// The packets that are sent again of so many frames.
  private static func copies(of frames: Int, to call: PeerCall) -> Int {
    let before = call.caller.mediaSent.count
    call.stream(frames: frames)
    call.network.run(for: .milliseconds(100))
    let sent = call.caller.mediaSent.dropFirst(before)
    return sent.count - Set(sent).count
  }

  @Test("a lost packet is repeated identically without RTX, and in a packet of its own with RTX")
  func bytes() throws {
    for rtx in [false, true] {
      let call = try PeerCall(.init(rtx: rtx))
      call.start()
      #expect(call.connects())
      call.stream(frames: 2)
      call.network.run(for: .milliseconds(200))
      let first = try #require(call.caller.mediaSent.first)
      let lost = try #require(first.getInteger(at: first.readerIndex + 2, as: UInt16.self))
      let before = call.caller.mediaSent.count
      call.viewer.send(
        [.genericNACK(GenericNACK(senderSSRC: Viewer.ssrc, mediaSSRC: call.viewer.videoSSRC, lost: [lost]))],
        now: call.network.now)
      call.network.run(for: .milliseconds(15))
      let again = try #require(call.caller.mediaSent.dropFirst(before).first)
      #expect((again == first) == !rtx)
      call.network.run(for: .milliseconds(50))
      guard rtx else { continue }
      let packet = try #require(call.viewer.packets.first { $0.header.ssrc == call.viewer.rtxSSRC })
      var original = try #require(call.viewer.packets.first { $0.header.sequenceNumber == lost }).plain
      var plain = packet.plain
      let header = try RTPHeader(parsing: &plain)
      let originalHeader = try RTPHeader(parsing: &original)
      #expect(plain.readInteger(as: UInt16.self) == lost)
      #expect(plain == original)
      #expect(header.timestamp == originalHeader.timestamp && header.marker == originalHeader.marker)
    }
  }

  @Test("lost flights of the handshake are sent again", arguments: [DTLSRole.active, .passive])
  func flights(viewerRole: DTLSRole) throws {
    let call = try PeerCall(.init(viewerRole: viewerRole, retransmission: PeerCall.impatient))
    var seen = 0
    call.network.isBlocked = { packet in
      guard packet.payload.isDTLS else { return false }
      seen += 1
      return seen == 1 || seen == 4
    }
    call.start()
    #expect(call.connects(within: .minutes(5)))
    #expect(seen > 4)
    call.stream(frames: 3)
    call.network.run(for: .milliseconds(200))
    #expect(call.viewer.frames.count == 3)
  }
}
