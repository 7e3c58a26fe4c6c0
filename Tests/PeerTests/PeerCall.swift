import ICE
import NIOCore
import RTP
import SRTP
import TestSupport

@testable import Peer

/// Our side and a viewer on one virtual network, and the signalling between them.
final class PeerCall {
  struct Setup {
    /// The viewer calls: what it offers is known before our sockets are open, and it controls ICE.
    var viewerOffers = false
    /// Both sides in one, where that is to be tried.
    var conflictingRole: ICERole?
    var media: [MediaKind] = [.audio, .video]
    /// The viewer's role in the handshake; ours is the other.
    var viewerRole = DTLSRole.active
    /// What the viewer takes of SRTP.
    var profiles = SRTPProfile.preferred
    var bundled = true
    var rtx = false
    /// Transport-wide sequence numbers and feedback are agreed.
    var transportFeedback = false
    var absoluteSendTimeID: UInt8?
    var policy = ICETransportPolicy.all
    var usesTURN = false
    var relayProtocol = RelayProtocol.udp
    /// Fingerprint that is signalled in place of the true one: for the viewer's certificate of that medium.
    var forgedFingerprint: (kind: MediaKind, fingerprint: Fingerprint)?
    var withoutFingerprint = false
    /// Sound is agreed, too.
    var sound = false
    /// The viewer may speak, and is heard.
    var hearsViewer = false
    /// The viewer takes none of our formats.
    var withoutFormat = false
    /// The fingerprint that the viewer was told of us, in place of the true one.
    var expectedByViewer: Fingerprint?
    /// Of VP8; RTX has the next.
    var payloadType: UInt8 = 96
    var retransmission = DTLSRetransmission()
    var seed: UInt64 = 1
  }

  /// Where flights of the handshake get lost: OpenSSL times them by the real clock, and takes 16 ms for nearly over.
  static let impatient = DTLSRetransmission(initial: .milliseconds(16), maximum: .milliseconds(16))
  static let transportWideSequenceNumberID: UInt8 = 3
  static let serverAddress = address("203.0.113.1", 3478)
  static let wallClock = NTPTimestamp(secondsSince1970: 1_800_000_000, nanoseconds: 0)

  let network: VirtualNetwork
  let caller: PeerHost
  let viewer: Viewer
  let startedAt: NIODeadline
  private let setup: Setup
  private let viewerCertificate: Certificate
  private var pictures: SeededGenerator
  private(set) var framesOffered: [ByteBuffer] = []
  private var answeredRequests = 0
  /// The viewer answers our ICE restarts.
  var takesRestarts = true

  static func callerAddress(_ kind: MediaKind) -> SocketAddress {
    address("198.51.100.1", kind == .audio ? 5000 : 5001)
  }

  static func viewerAddress(_ kind: MediaKind) -> SocketAddress {
    address("198.51.100.2", kind == .audio ? 6000 : 6001)
  }

  init(_ setup: Setup = Setup()) throws {
    self.setup = setup
    network = VirtualNetwork(seed: setup.seed)
    if setup.usesTURN { network.turnServers = [TestTURNServer(address: Self.serverAddress)] }
    startedAt = network.now
    pictures = SeededGenerator(seed: setup.seed &+ 77)
    let viewerCertificate = try Certificate()
    self.viewerCertificate = viewerCertificate
    let certificate = try Certificate()
    let turn = ICEServer(
      kind: .turn(TURNCredentials(username: "cam", password: "secret")), address: Self.serverAddress,
      relayProtocol: setup.relayProtocol, url: "turn:t")
    var configuration = PeerConnection.Configuration(
      ice: .init(servers: setup.usesTURN ? [turn] : [], policy: setup.policy), role: setup.role(ofViewer: false),
      media: setup.media, certificate: certificate, canonicalName: "cam",
      clock: SessionClock(now: network.now, wallClock: Self.wallClock))
    configuration.retransmission = setup.retransmission
    var seeds = SeededGenerator(seed: setup.seed)
    let connection = PeerConnection(configuration: configuration) { SeededGenerator(seed: seeds.next()) }
    caller = PeerHost(connection, now: network.now)

    // In a bundle the viewer has but the first content's transport, which carries everything.
    func leg(_ kind: MediaKind) throws -> ViewerLeg {
      ViewerLeg(
        kind: kind, endpoint: LocalEndpoint(id: kind == .audio ? 0 : 1),
        ice: ICETransport(
          configuration: .init(), role: setup.role(ofViewer: true),
          generator: SeededGenerator(seed: setup.seed &* 31 &+ 5)),
        dtls: try DTLSAssociation(
          role: setup.viewerRole, certificate: viewerCertificate,
          remoteFingerprints: [setup.expectedByViewer ?? certificate.fingerprint],
          profiles: setup.profiles, retransmission: setup.retransmission))
    }
    let main = setup.bundled ? setup.media[0] : .video
    viewer = Viewer(main: try leg(main), audio: setup.bundled || setup.media == [.video] ? nil : try leg(.audio))
    viewer.videoSSRC = connection.videoSSRC
    viewer.rtxSSRC = connection.rtxSSRC
    viewer.audioSSRC = connection.audioSSRC

    for kind in [MediaKind.audio, .video] {
      let endpoint = LocalEndpoint(id: kind == .audio ? 0 : 1)
      network.bind(Self.callerAddress(kind), endpoint, of: caller, in: VirtualNetwork.internet)
      network.bind(Self.viewerAddress(kind), endpoint, of: viewer, in: VirtualNetwork.internet)
    }
  }

  static func address(_ text: String, _ port: Int) -> SocketAddress {
    guard let address = try? SocketAddress(ipAddress: text, port: port) else { preconditionFailure(text) }
    return address
  }

  /// Opens the sockets, exchanges offer and answer at once, and candidates as they come.
  func start() {
    let connection = caller.connection
    caller.onCandidate = { [unowned self] kind, candidate in
      guard let leg = leg(of: kind) else { return }
      tellViewer(of: kind)
      leg.ice.addRemoteCandidate(candidate, now: network.now)
    }
    caller.onRestart = { [unowned self] kind in tellViewer(of: kind) }
    viewer.onCandidate = { [unowned self] kind, candidate in
      tellCaller(of: kind)
      connection.addRemoteCandidate(candidate, for: kind, now: network.now)
    }
    if setup.viewerOffers { connection.setRemoteDescription(description, bundled: setup.bundled, now: network.now) }
    for kind in connection.transportMedia {
      connection.addLocalEndpoint(
        LocalEndpoint(id: kind == .audio ? 0 : 1), address: Self.callerAddress(kind), for: kind, now: network.now)
    }
    caller.settle(now: network.now)
    add(viewer.main)
    if let audio = viewer.audio { add(audio) }
    if !setup.viewerOffers { connection.setRemoteDescription(description, bundled: setup.bundled, now: network.now) }
    viewer.settle(now: network.now)
    caller.settle(now: network.now)
  }

  private func leg(of kind: MediaKind) -> ViewerLeg? { viewer.main.kind == kind ? viewer.main : viewer.audio }

  /// After a restart every transport-info has new credentials; the first of them counts.
  private func tellViewer(of kind: MediaKind) {
    guard takesRestarts, let leg = leg(of: kind), caller.connection.generation(of: kind) > 0,
      let parameters = caller.connection.localParameters(of: kind)
    else { return }
    leg.ice.restart(parameters, now: network.now)
    viewer.settle(now: network.now)
  }

  private func tellCaller(of kind: MediaKind) {
    guard let leg = leg(of: kind), leg.ice.generation > 0 else { return }
    caller.connection.restartICE(leg.ice.localParameters, for: kind, now: network.now)
    caller.settle(now: network.now)
  }

  /// The viewer restarts ICE, and says so without candidates, as Conversations does.
  func viewerRestarts() {
    viewer.main.ice.restart(now: network.now)
    tellCaller(of: viewer.main.kind)
    viewer.settle(now: network.now)
  }

  private func add(_ leg: ViewerLeg) {
    leg.ice.addLocalEndpoint(leg.endpoint, address: Self.viewerAddress(leg.kind), now: network.now)
    if let parameters = caller.connection.localParameters(of: leg.kind) {
      leg.ice.setRemoteParameters(parameters, now: network.now)
    }
  }

  private var description: [RemoteMedia] {
    let main = viewer.main.ice.localParameters
    return caller.connection.media.map { kind in
      let forged = setup.forgedFingerprint.flatMap { $0.kind == kind ? $0.fingerprint : nil }
      return RemoteMedia(
        kind: kind,
        transport: RemoteTransport(
          ice: kind == .audio ? viewer.audio?.ice.localParameters ?? main : main,
          fingerprints: setup.withoutFingerprint ? [] : [forged ?? viewerCertificate.fingerprint],
          localRole: setup.viewerRole == .active ? .passive : .active, candidates: []),
        format: setup.withoutFormat ? nil : kind == .video ? setup.videoFormat : setup.soundFormat,
        receivedPayloadType: setup.hearsViewer && kind == .audio ? Viewer.soundPayloadType : nil)
    }
  }

  /// Whether both handshakes are done, everywhere, within the time.
  @discardableResult
  func connects(within limit: TimeAmount = .seconds(10)) -> Bool {
    network.run(until: network.now + limit) { !isConnected }
    // The last flight and the nomination may still be on their way.
    network.run(for: .milliseconds(500))
    return isConnected
  }

  var isConnected: Bool { caller.connection.isVideoWritable && viewer.isConnected }

  /// Pictures that the caller did not send, or not whole.
  private(set) var framesDropped = 0

  /// Gives the caller one picture, as an encoder would.
  func offerFrame(bytes: Int, isKeyFrame: Bool) {
    let frame = makeFrame(bytes: bytes, isKeyFrame: isKeyFrame)
    let outcome = caller.connection.send(frame, now: network.now)
    if outcome != .sent { framesDropped += 1 }
    caller.settle(now: network.now)
  }

  /// Gives the caller 20 ms of sound; whether it was sent.
  @discardableResult
  func offerSound(_ content: String) -> Bool {
    defer { caller.settle(now: network.now) }
    return caller.connection.send(
      sound: RTPFrame(payload: ByteBuffer(string: content), captureTime: network.now, isKeyFrame: false),
      now: network.now)
  }

  /// Waits until a peer whose media have a transport each is sent sound.
  func endSoundPause() {
    offerSound("")
    network.run(for: SoundSender.pauseWithoutBundle)
  }

  func makeFrame(bytes: Int, isKeyFrame: Bool, temporalLayer: Int = 0) -> RTPFrame {
    var payload = ByteBuffer()
    // P: "0 for key frames" (RFC 6386 section 9.1).
    payload.writeInteger(UInt8(isKeyFrame ? 0 : 1))
    while payload.readableBytes < bytes { payload.writeInteger(UInt8.random(in: 0...255, using: &pictures)) }
    framesOffered.append(payload)
    return RTPFrame(
      payload: payload, captureTime: network.now, isKeyFrame: isKeyFrame, temporalLayer: temporalLayer)
  }

  /// A picture each 40 ms; key frames where they are asked for, and first of all.
  func stream(frames: Int, keyBytes: Int = 9_000, deltaBytes: Int = 3_000, every: TimeAmount = .milliseconds(40)) {
    for _ in 0..<frames {
      let requests = caller.keyFrameRequests.count
      let isKeyFrame = framesOffered.isEmpty || requests > answeredRequests
      answeredRequests = requests
      offerFrame(bytes: isKeyFrame ? keyBytes : deltaBytes, isKeyFrame: isKeyFrame)
      network.run(for: every)
    }
  }
}

extension PeerCall.Setup {
  var videoFormat: NegotiatedFormat {
    NegotiatedFormat(
      payloadType: payloadType, rtxPayloadType: rtx ? payloadType + 1 : nil,
      transportWideSequenceNumberID: transportFeedback ? PeerCall.transportWideSequenceNumberID : nil,
      absoluteSendTimeID: absoluteSendTimeID)
  }

  var soundFormat: NegotiatedFormat? { sound ? NegotiatedFormat(payloadType: 111, rtxPayloadType: nil) : nil }

  /// RFC 8445 section 6.1.1: the offerer controls.
  func role(ofViewer isViewer: Bool) -> ICERole {
    conflictingRole ?? (isViewer == viewerOffers ? .controlling : .controlled)
  }
}
