import ICE
import NIOCore
import Peer
import RTP
import SRTP
import Testing

@Suite("A viewer calls us")
struct AnswererTests {
  /// Separate transports, one profile, and always the server where we are the client.
  static func dino(_ change: (inout PeerCall.Setup) -> Void = { _ in }) -> PeerCall.Setup {
    var setup = PeerCall.Setup()
    setup.viewerOffers = true
    setup.viewerRole = .passive
    setup.profiles = [.aes128CMHMACSHA1x80]
    setup.bundled = false
    change(&setup)
    return setup
  }

  /// One bundle, RTX.
  static func libwebrtc(_ change: (inout PeerCall.Setup) -> Void = { _ in }) -> PeerCall.Setup {
    var setup = PeerCall.Setup()
    setup.viewerOffers = true
    setup.viewerRole = .passive
    setup.rtx = true
    change(&setup)
    return setup
  }

  @Test("a call by Dino has a path and a handshake for each content, and every frame arrives intact")
  func separate() throws {
    let call = try PeerCall(Self.dino())
    call.start()
    #expect(call.connects())
    call.stream(frames: 10)
    call.network.run(for: .seconds(1))
    #expect(call.viewer.frames.map(\.payload) == call.framesOffered)
    #expect(call.viewer.main.profile == .aes128CMHMACSHA1x80 && call.viewer.audio?.profile != nil)
    #expect(call.caller.sent.filter { $0.transmit.payload.isMedia }.allSatisfy { $0.transmit.endpoint.id == 1 })
    #expect(call.caller.failures.isEmpty)
  }

  @Test(
    "a call by libwebrtc has one bundle on one path, in either DTLS role",
    arguments: [DTLSRole.passive, .active])
  func bundled(viewerRole: DTLSRole) throws {
    let call = try PeerCall(Self.libwebrtc { $0.viewerRole = viewerRole })
    call.start()
    #expect(call.caller.connection.transportMedia == [.audio])
    #expect(call.connects())
    call.stream(frames: 10)
    call.network.run(for: .seconds(1))
    #expect(call.viewer.frames.map(\.payload) == call.framesOffered)
    #expect(call.caller.sent.allSatisfy { $0.transmit.endpoint.id == 0 })
    #expect(call.viewer.main.dtls.role == viewerRole)
  }

  @Test("lost packets of a libwebrtc call are sent again by RTX with the payload type of the offer")
  func retransmission() throws {
    let call = try PeerCall(Self.libwebrtc { $0.payloadType = 98 })
    call.viewer.nackInterval = .milliseconds(30)
    call.start()
    #expect(call.connects())
    call.network.conditions.loss = 0.05
    call.stream(frames: 100)
    call.network.conditions.loss = 0
    call.network.run(for: .seconds(1))
    let types = Set(call.viewer.packets.map(\.header.payloadType))
    #expect(types == [98, 99])
    #expect(call.viewer.frames.count > 95)
  }

  @Test("a call with video only works with and without a bundle", arguments: [true, false])
  func videoOnly(bundled: Bool) throws {
    let call = try PeerCall(
      Self.dino {
        $0.media = [.video]
        $0.bundled = bundled
      })
    call.start()
    #expect(call.caller.connection.transportMedia == [.video])
    #expect(call.connects())
    call.stream(frames: 5)
    call.network.run(for: .seconds(1))
    #expect(call.viewer.frames.map(\.payload) == call.framesOffered)
  }

  @Test("as the controlled side we use the pair that the viewer nominates")
  func controlled() throws {
    let call = try PeerCall(Self.libwebrtc())
    call.start()
    #expect(call.connects())
    call.network.run(for: .seconds(2))
    #expect(call.caller.connection.videoTransport?.selectedPair?.isNominated == true)
    let messages = call.caller.sent.compactMap { try? STUNMessage(parsing: $0.transmit.payload) }
    #expect(messages.contains { $0.iceControlled != nil })
    #expect(messages.allSatisfy { $0.iceControlling == nil && !$0.useCandidate && $0.errorCode == nil })
  }

  @Test("a conflict of ICE roles is resolved", arguments: [ICERole.controlled, .controlling], [UInt64(1), 2, 3])
  func roleConflict(role: ICERole, seed: UInt64) throws {
    let call = try PeerCall(
      Self.dino {
        $0.conflictingRole = role
        // Our first flight may come before the viewer's own check has made the pair valid there.
        $0.retransmission = PeerCall.impatient
        $0.seed = seed
      })
    call.start()
    #expect(call.connects())
    call.stream(frames: 5)
    call.network.run(for: .seconds(1))
    #expect(call.viewer.frames.map(\.payload) == call.framesOffered)
    #expect(call.caller.connection.videoTransport?.selectedPair?.isNominated == true)
  }

  @Test("no media packet is sent before the handshakes are complete, since Dino would take it for DTLS")
  func order() throws {
    let call = try PeerCall(Self.dino())
    call.start()
    for _ in 0..<200 {
      call.offerFrame(bytes: 500, isKeyFrame: true)
      call.network.run(for: .milliseconds(5))
    }
    call.network.run(for: .milliseconds(100))
    #expect(call.isConnected)
    #expect(call.viewer.undecipherableOrEarly == 0)
    #expect(call.viewer.frames.count > 100)
  }

  @Test(
    "a certificate of the offerer that was not signalled fails the call without any media packet",
    arguments: [DTLSRole.passive, .active], [true, false])
  func wrongCertificate(viewerRole: DTLSRole, bundled: Bool) throws {
    let other = try Certificate().fingerprint
    let call = try PeerCall(
      Self.dino {
        $0.viewerRole = viewerRole
        $0.bundled = bundled
        $0.forgedFingerprint = (bundled ? .audio : .video, other)
      })
    call.start()
    call.stream(frames: 100)
    #expect(call.caller.failures == [.security(.fingerprintMismatch)])
    #expect(call.caller.mediaSent.isEmpty)
  }

  @Test("an offer without a fingerprint fails the call once", arguments: [true, false])
  func noFingerprint(bundled: Bool) throws {
    let call = try PeerCall(
      Self.dino {
        $0.bundled = bundled
        $0.withoutFingerprint = true
      })
    call.start()
    call.stream(frames: 50)
    #expect(call.caller.failures == [.security(.noFingerprint)])
    #expect(call.caller.mediaSent.isEmpty)
  }

  @Test("the offerer refuses a certificate of ours that does not match our fingerprint")
  func ourCertificate() throws {
    let other = try Certificate().fingerprint
    let call = try PeerCall(Self.dino { $0.expectedByViewer = other })
    call.start()
    #expect(!call.connects())
    #expect(call.viewer.main.failure == .fingerprintMismatch)
    #expect(call.caller.mediaSent.isEmpty)
  }

  @Test("a second remote description changes nothing")
  func secondDescription() throws {
    let call = try PeerCall(Self.dino())
    call.start()
    #expect(call.connects())
    call.caller.connection.setRemoteDescription([], bundled: true, now: call.network.now)
    call.stream(frames: 3)
    call.network.run(for: .seconds(1))
    #expect(call.viewer.frames.count == 3 && call.caller.connection.transportMedia == [.audio, .video])
  }

  @Test("new credentials that come before the description are ignored")
  func earlyCredentials() throws {
    let call = try PeerCall()
    let forged = ICEParameters(usernameFragment: "them", password: "their password of 22 ch")
    call.caller.connection.restartICE(forged, for: .audio, now: call.network.now)
    call.start()
    #expect(call.connects())
  }
}
