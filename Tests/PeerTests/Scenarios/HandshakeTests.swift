import NIOCore
import Peer
import SRTP
import TestSupport
import Testing

@Suite("A handshake that does not complete")
struct HandshakeTests {
  private static func isSilent(_ packet: VirtualNetwork.Packet, about kind: MediaKind) -> Bool {
    packet.payload.isDTLS && packet.source == PeerCall.viewerAddress(kind)
  }

  @Test(
    "a peer that answers ICE but not DTLS ends the call 20 s after there is a path",
    arguments: [DTLSRole.active, .passive], [true, false])
  func silence(viewerRole: DTLSRole, bundled: Bool) throws {
    let call = try PeerCall(.init(viewerRole: viewerRole, bundled: bundled))
    call.network.isBlocked = { Self.isSilent($0, about: bundled ? .audio : .video) }
    call.start()
    call.network.run(for: .seconds(40))
    #expect(call.caller.failures == [.handshakeTimeout])
    let kind: MediaKind = bundled ? .audio : .video
    let connectedAt = call.caller.events.first {
      if case .iceStateChange(kind, .connected) = $0.event { true } else { false }
    }?.at
    let failedAt = call.caller.events.first { if case .failed = $0.event { true } else { false } }?.at
    #expect(try #require(failedAt) - #require(connectedAt) == .seconds(20))
    // What is answered later is too late.
    call.network.isBlocked = { _ in false }
    call.network.run(for: .minutes(1))
    #expect(!call.caller.connection.isVideoWritable)
    #expect(call.caller.failures.count == 1)
  }

  @Test("a handshake that completes after its time limit changes nothing")
  func late() throws {
    let call = try PeerCall()
    call.network.extraDelay = { Self.isSilent($0, about: .audio) ? .seconds(21) : .zero }
    call.start()
    call.network.run(for: .minutes(2))
    #expect(call.viewer.isConnected)
    #expect(call.caller.failures == [.handshakeTimeout] && call.caller.writableAt == nil)
  }

  @Test("a missing handshake of the audio does not affect the video")
  func soundAlone() throws {
    let call = try PeerCall(.init(bundled: false))
    call.network.isBlocked = { Self.isSilent($0, about: .audio) }
    call.start()
    call.network.run(for: .minutes(1))
    #expect(call.caller.failures.isEmpty)
    call.stream(frames: 3)
    call.network.run(for: .milliseconds(200))
    #expect(call.viewer.frames.count == 3)
  }

  @Test("video is not writable without a common format")
  func noFormat() throws {
    let call = try PeerCall(.init(withoutFormat: true))
    call.start()
    call.network.run(for: .seconds(5))
    #expect(call.viewer.isConnected)
    #expect(!call.caller.connection.isVideoWritable && call.caller.writableAt == nil)
  }

  @Test("the time limit of the handshake does not begin without a path")
  func noPath() throws {
    let call = try PeerCall()
    call.network.isBlocked = { _ in true }
    call.start()
    call.network.run(for: .seconds(39))
    #expect(call.caller.failures.isEmpty)
    call.network.run(for: .seconds(2))
    #expect(call.caller.failures == [.connectivity])
  }
}
