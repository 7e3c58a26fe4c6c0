import ICE
import NIOCore
import Peer
import RTP
import SRTP
import Testing

@Suite("From the answer to the first picture")
struct FirstFrameTests {
  @Test(
    "every frame arrives intact with every SRTP profile and in both DTLS roles", arguments: SRTPProfile.allCases,
    [DTLSRole.active, .passive])
  func pictures(profile: SRTPProfile, viewerRole: DTLSRole) throws {
    let call = try PeerCall(.init(viewerRole: viewerRole, profiles: [profile]))
    call.start()
    #expect(call.connects())
    #expect(call.viewer.main.profile == profile)
    call.stream(frames: 7)
    call.network.run(for: .seconds(1))
    #expect(call.viewer.frames.map(\.payload) == call.framesOffered)
    #expect(call.viewer.frames.map(\.isKeyFrame) == [true] + Array(repeating: false, count: 6))
    #expect(call.viewer.undecipherableOrEarly == 0)
    #expect(call.framesDropped == 0)
  }

  @Test("packets are numbered without a gap, stamped by capture time, and at most 1,200 bytes long")
  func packets() throws {
    let call = try PeerCall()
    call.start()
    #expect(call.connects())
    call.stream(frames: 5)
    let packets = call.viewer.packets
    #expect(packets.count == 8 + 4 * 3)
    for (packet, next) in zip(packets, packets.dropFirst()) {
      #expect(next.header.sequenceNumber == packet.header.sequenceNumber &+ 1)
      // 40 ms of 90 kHz, after each marked packet.
      #expect(next.header.timestamp &- packet.header.timestamp == (packet.header.marker ? 3_600 : 0))
    }
    #expect(packets.filter(\.header.marker).count == 5)
    #expect(packets.allSatisfy { $0.plain.readableBytes <= 1_200 && $0.header.ssrc == call.viewer.videoSSRC })
    #expect(packets.contains { $0.plain.readableBytes > 1_000 })
  }

  @Test("no media packet is sent before both handshakes are complete or overtakes the last flight")
  func order() throws {
    for viewerRole in [DTLSRole.active, .passive] {
      let call = try PeerCall(.init(viewerRole: viewerRole))
      call.start()
      // From the first moment on, and without a pause when the handshake is done.
      for _ in 0..<200 {
        call.offerFrame(bytes: 500, isKeyFrame: true)
        call.network.run(for: .milliseconds(5))
      }
      call.network.run(for: .milliseconds(100))
      #expect(call.isConnected)
      #expect(call.viewer.frames.count > 100)
      #expect(call.viewer.undecipherableOrEarly == 0)
      let writableAt = try #require(call.caller.writableAt)
      let firstMedia = call.caller.sent.firstIndex { $0.transmit.payload.isMedia }
      // The last flight is repeated later on, for a viewer that proves nothing.
      let lastHandshake = call.caller.sent.lastIndex { $0.transmit.payload.isDTLS && $0.at <= writableAt }
      #expect(try #require(firstMedia) > #require(lastHandshake))
      #expect(call.caller.sent[try #require(firstMedia)].at >= writableAt)
      #expect(call.viewer.frames.count + call.framesDropped + call.caller.framesDropped == 200)
    }
  }

  @Test("frames that refer to an unsent one are held back until the requested key frame")
  func keyFrameFirst() throws {
    let call = try PeerCall()
    call.start()
    call.offerFrame(bytes: 500, isKeyFrame: true)
    #expect(call.connects())
    call.offerFrame(bytes: 500, isKeyFrame: false)
    call.network.run(for: .milliseconds(100))
    #expect(call.viewer.packets.isEmpty)
    #expect(call.framesDropped == 2)
    #expect(call.caller.keyFrameRequests.count == 1)
    call.offerFrame(bytes: 500, isKeyFrame: true)
    call.offerFrame(bytes: 500, isKeyFrame: false)
    call.network.run(for: .milliseconds(100))
    #expect(call.viewer.frames.count == 2)
  }

  @Test("a skipped frame requires a key frame in layer 0 and has no effect in layer 1")
  func skipped() throws {
    let call = try PeerCall()
    call.start()
    #expect(call.connects())
    call.stream(frames: 2)
    call.caller.connection.skip(call.makeFrame(bytes: 500, isKeyFrame: false, temporalLayer: 1))
    call.offerFrame(bytes: 500, isKeyFrame: false)
    #expect(call.framesDropped == 0 && call.caller.keyFrameRequests.isEmpty)
    call.caller.connection.skip(call.makeFrame(bytes: 500, isKeyFrame: false))
    call.offerFrame(bytes: 500, isKeyFrame: false)
    #expect(call.framesDropped == 1 && call.caller.keyFrameRequests.count == 1)
  }
}

extension ByteBuffer {
  private var first: UInt8 { getInteger(at: readerIndex) ?? 0 }
  /// RFC 7983 section 7.
  var isMedia: Bool { (128...191).contains(first) }
  var isDTLS: Bool { (20...63).contains(first) }
}
