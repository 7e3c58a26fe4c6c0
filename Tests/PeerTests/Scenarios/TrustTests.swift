import NIOCore
import Peer
import RTP
import SRTP
import TestSupport
import Testing

@Suite("Authentication of the peer and its packets")
struct TrustTests {
  @Test(
    "a certificate that was not signalled fails the call without any media packet",
    arguments: [DTLSRole.active, .passive], [true, false])
  func wrongCertificate(viewerRole: DTLSRole, bundled: Bool) throws {
    let other = try Certificate().fingerprint
    let call = try PeerCall(
      .init(viewerRole: viewerRole, bundled: bundled, forgedFingerprint: (bundled ? .audio : .video, other)))
    call.start()
    call.stream(frames: 100)
    #expect(call.caller.failures == [.security(.fingerprintMismatch)])
    #expect(call.caller.mediaSent.isEmpty)
    #expect(!call.caller.connection.isVideoWritable)
  }

  @Test("a forged certificate on the audio transport alone ends the call too")
  func wrongCertificateOfSound() throws {
    let other = try Certificate().fingerprint
    let call = try PeerCall(.init(bundled: false, forgedFingerprint: (.audio, other)))
    call.start()
    call.connects()
    let before = call.caller.mediaSent.count
    call.stream(frames: 10)
    #expect(call.caller.failures == [.security(.fingerprintMismatch)])
    #expect(call.caller.mediaSent.count == before)
  }

  @Test("an answer without a fingerprint fails the call once", arguments: [true, false])
  func noFingerprint(bundled: Bool) throws {
    let call = try PeerCall(.init(bundled: bundled, withoutFingerprint: true))
    call.start()
    call.stream(frames: 50)
    #expect(call.caller.failures == [.security(.noFingerprint)])
    #expect(call.caller.mediaSent.isEmpty)
  }

  @Test("RTCP that is forged, replayed or sent before the keys exist has no effect")
  func forgedControl() throws {
    let call = try PeerCall(.init(transportFeedback: true))
    let pictureLoss = RTCPPacket.pictureLossIndication(
      PictureLossIndication(senderSSRC: Viewer.ssrc, mediaSSRC: call.viewer.videoSSRC))
    let forged = RTCPPacket.compound([.receiverReport(ReceiverReport(ssrc: Viewer.ssrc)), pictureLoss])
    call.start()
    // As soon as there is a path, plain RTCP, all through the handshake.
    for _ in 0..<100 {
      call.viewer.main.sendRaw(forged, now: call.network.now)
      call.network.run(for: .milliseconds(5))
    }
    #expect(call.connects())
    call.stream(frames: 5)
    #expect(call.caller.connection.outboundStatistics?.pliCount == 0)
    call.viewer.main.sendRaw(forged, now: call.network.now)
    // With a tag of somebody else's.
    var garbled = forged
    garbled.writeRepeatingByte(7, count: 30)
    call.viewer.main.sendRaw(garbled, now: call.network.now)
    call.network.run(for: .milliseconds(100))
    #expect(call.caller.connection.outboundStatistics?.pliCount == 0)
    #expect(call.caller.keyFrameRequests.isEmpty)

    // The authentic one counts once, however often it comes.
    call.viewer.send([pictureLoss], now: call.network.now)
    let authentic = try #require(call.viewer.main.outgoing.last)
    for _ in 0..<5 { call.viewer.main.sendRaw(authentic.payload, now: call.network.now) }
    call.network.run(for: .seconds(1))
    #expect(call.caller.connection.outboundStatistics?.pliCount == 1)
    #expect(call.caller.keyFrameRequests.count == 1)
    #expect((call.caller.connection.videoTransport?.statistics.packetsDiscarded ?? 0) >= 7)
  }

  @Test("incoming media is ignored and counted")
  func incomingMedia() throws {
    let call = try PeerCall()
    call.start()
    #expect(call.connects())
    var packet = ByteBuffer()
    RTPHeader(marker: true, payloadType: 96, sequenceNumber: 1, timestamp: 1, ssrc: 99).write(to: &packet)
    packet.writeRepeatingByte(1, count: 100)
    let events = call.caller.events.count
    call.viewer.main.send(packet, isControl: false, now: call.network.now)
    call.network.run(for: .milliseconds(100))
    #expect(call.caller.connection.videoTransport?.statistics.mediaPacketsIgnored == 1)
    #expect(call.caller.events.count == events)
  }

  @Test("random and mutated datagrams at every endpoint have no effect", arguments: [UInt64(1), 2, 3])
  func noise(seed: UInt64) throws {
    let call = try PeerCall(.init(bundled: false, transportFeedback: true, seed: seed))
    var captured: [VirtualNetwork.Packet] = []
    call.network.isBlocked = { packet in
      if captured.count < 400 { captured.append(packet) }
      return false
    }
    call.start()
    #expect(call.connects())
    call.stream(frames: 20)
    call.network.run(for: .seconds(1))
    var generator = SeededGenerator(seed: seed &+ 1_000)
    let events = call.caller.events.count
    let pairs: [MediaKind] = [.audio, .video]
    for number in 0..<2_000 {
      let kind = pairs[number % 2]
      var payload = ByteBuffer()
      if number < 1_000 {
        let length = Int.random(in: 0...1_300, using: &generator)
        for _ in 0..<length { payload.writeInteger(UInt8.random(in: 0...255, using: &generator)) }
      } else if let original = captured.randomElement(using: &generator) {
        payload = original.payload.mutated(using: &generator)
      }
      // With the viewer's own address: the worst that somebody off the path can do.
      call.network.inject(
        payload, from: PeerCall.viewerAddress(kind), to: PeerCall.callerAddress(kind), in: VirtualNetwork.internet)
      if number % 50 == 0 { call.network.run(for: .milliseconds(20)) }
    }
    call.network.run(for: .seconds(1))
    #expect(call.caller.failures.isEmpty)
    #expect(call.caller.events.count == events)
    #expect(call.isConnected)
    let shown = call.viewer.frames.count
    call.stream(frames: 10)
    call.network.run(for: .seconds(1))
    #expect(call.viewer.frames.count == shown + 10)
  }

  @Test(
    "forged datagrams during the set-up end the call at worst",
    arguments: 1...8 as ClosedRange<UInt64>)
  func noiseInSetUp(seed: UInt64) throws {
    let call = try PeerCall(.init(viewerRole: seed % 2 == 0 ? .active : .passive, seed: seed))
    var generator = SeededGenerator(seed: seed)
    call.network.isBlocked = { [unowned network = call.network] packet in
      // Of everything the viewer sends a mutated copy goes ahead.
      guard packet.source == PeerCall.viewerAddress(.audio), Int.random(in: 0..<4, using: &generator) > 0 else {
        return false
      }
      network.inject(
        packet.payload.mutated(using: &generator), from: packet.source, to: packet.destination,
        in: VirtualNetwork.internet)
      return false
    }
    call.start()
    call.network.run(for: .minutes(1))
    #expect(call.caller.failures.count == (call.caller.connection.isVideoWritable ? 0 : 1))
  }

  @Test("malformed RTCP of the authentic peer is dropped, and the video continues", arguments: [false, true])
  func hostilePeer(rtx: Bool) throws {
    let call = try PeerCall(.init(rtx: rtx))
    call.start()
    #expect(call.connects())
    call.stream(frames: 20)
    var generator = SeededGenerator(seed: 7)
    let (ours, theirs) = (call.viewer.videoSSRC, Viewer.ssrc)
    let good = RTCPPacket.compound([
      .receiverReport(ReceiverReport(ssrc: theirs)),
      .genericNACK(GenericNACK(senderSSRC: theirs, mediaSSRC: ours, lost: [1, 2, 0xFFFF])),
      .fullIntraRequest(FullIntraRequest(senderSSRC: theirs, entries: [.init(ssrc: ours, sequenceNumber: 1)])),
      .receiverEstimatedMaximumBitrate(
        ReceiverEstimatedMaximumBitrate(senderSSRC: theirs, bitrate: 1_000_000, ssrcs: [ours])),
      .goodbye(Goodbye(sources: [theirs])),
    ])
    for round in 0..<2_000 {
      var packet = good.mutated(using: &generator)
      // libsrtp2 protects nothing shorter than a header.
      if packet.readableBytes < 8 { packet = good }
      call.viewer.main.send(packet, now: call.network.now)
      if round % 20 == 0 { call.network.run(for: .milliseconds(20)) }
    }
    call.network.run(for: .seconds(1))
    #expect(call.caller.failures.isEmpty)
    let shown = call.viewer.frames.count
    call.stream(frames: 10)
    call.network.run(for: .seconds(1))
    #expect(call.viewer.frames.count == shown + 10)
  }
}

extension ByteBuffer {
  /// Some octets changed, and often cut short.
  func mutated(using generator: inout SeededGenerator) -> ByteBuffer {
    guard readableBytes > 0 else { return self }
    var copy = self
    for _ in 0..<Int.random(in: 1...8, using: &generator) {
      let index = readerIndex + Int.random(in: 0..<readableBytes, using: &generator)
      copy.setInteger(UInt8.random(in: 0...255, using: &generator), at: index)
    }
    guard Bool.random(using: &generator) else { return copy }
    return copy.getSlice(at: readerIndex, length: Int.random(in: 0...readableBytes, using: &generator)) ?? copy
  }
}
